"""Gathers what the status of a Decision depends on."""

from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from perennial.api.conditions import ConditionType
from perennial.api.manifest import Manifest, condition
from perennial.api.rollout_status import DecisionRecord
from perennial.api.times import to_datetime
from perennial.cluster.cache import Cache, Key
from perennial.cluster.errors import NotFoundError
from perennial.cluster.protocols import Admission, ClusterReader
from perennial.observing.decisions import Decisions
from perennial.planning.decision.observed import Observed, Subject
from perennial.planning.decision.plan import plan

_RECORDS = TypeAdapter(tuple[DecisionRecord, ...])


class Looked(NamedTuple):
    """What only a request can tell."""

    is_missing: bool = False
    """Whether the API server has no such subject."""
    is_enforced: bool | None = None
    """Whether the admission policies are in force. None if this was not looked up."""


class DecisionReconciler:
    """Reports what became of each Decision; the reconciler of its subject carries it out."""

    kind = "Decision"
    plan = staticmethod(plan)

    def __init__(self, cache: Cache, cluster: ClusterReader, admission: Admission) -> None:
        self._cache = cache
        self._cluster = cluster
        self._admission = admission
        self._decisions = Decisions()

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the subject, whose status records the outcome, as long as there is none."""
        return () if _is_settled(manifest) else (_subject_key(manifest),)

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the subject: its reconciler carries the Decision out."""
        return (_subject_key(manifest),)

    async def look(self, manifest: Manifest, _now: datetime) -> Looked:
        """Request what no watch delivers: once whether the policies are in force, and a subject.

        A subject that was created just before the Decision may reach its own watch later.
        """
        if _is_settled(manifest):
            return Looked()
        key = _subject_key(manifest)
        if self._cache.get(key) is None and not await self._exists(key):
            return Looked(is_missing=True)
        if condition(manifest, ConditionType.ADMITTED):
            return Looked()
        return Looked(is_enforced=await self._admission.is_enforced(key.namespace))

    def observe(self, manifest: Manifest, looked: Looked, now: datetime) -> Observed:
        """Gather everything that the plan may depend on."""
        found = self._cache.get(_subject_key(manifest))
        return Observed(
            decision=self._decisions.of(manifest),
            generation=manifest["metadata"]["generation"],
            subject=_subject(found) if found else None,
            is_missing=looked.is_missing and found is None,
            is_enforced=looked.is_enforced,
            now=now,
        )

    async def _exists(self, key: Key) -> bool:
        try:
            await self._cluster.get(*key)
        except NotFoundError:
            return False
        return True


def _subject_key(manifest: Manifest) -> Key:
    subject = manifest["spec"]["subject"]
    return Key(subject["kind"], manifest["metadata"]["namespace"], subject["name"])


def _is_settled(manifest: Manifest) -> bool:
    return "outcome" in (manifest.get("status") or {})


def _subject(manifest: Manifest) -> Subject:
    created_at = to_datetime(manifest["metadata"]["creationTimestamp"])
    stated = (manifest.get("status") or {}).get("decisions") or ()
    try:
        return Subject(created_at, _RECORDS.validate_python(stated))
    except ValidationError:  # not of this operator's making; its own reconciler mends it
        return Subject(created_at, ())
