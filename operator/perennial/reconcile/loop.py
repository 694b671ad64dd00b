"""The five steps that every kind goes through: look, observe, plan, act, record."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from pydantic import ValidationError

from perennial.api.conditions import Findings
from perennial.api.manifest import Manifest
from perennial.api.schema import Status
from perennial.cluster.cache import Cache, Key
from perennial.cluster.execute import Executor, owned
from perennial.planning.plan import Apply, Create, Plan
from perennial.reconcile.errors import with_findings

L = TypeVar("L")
O = TypeVar("O")  # noqa: E741 - Observed
S = TypeVar("S", bound=Status)

_LIMITED: Final = "Job"
"""The kind whose objects in a namespace are counted before another one is made."""


class Reconciler(Protocol[L, O, S]):
    """What differs between kinds.

    Its constructor takes the cache and the clients that it needs.
    """

    kind: str

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects whose changes wake this one; the spec may be invalid."""

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects that a change of this one wakes, beyond those that refer to it.

        The feed calls it for the state before the change and for the state after it.
        """

    async def look(self, manifest: Manifest, now: datetime) -> L:
        """Return what no watch tells: the only step that may wait for the network."""

    def observe(self, manifest: Manifest, looked: L, now: datetime) -> O:
        """Gather everything that the plan may depend on."""

    def plan(self, observed: O) -> Plan[S]:
        """Return the next step; pure."""


AnyReconciler = Reconciler[Any, Any, Any]


class Loop:
    """Brings objects nearer to their specs, one step at a time."""

    def __init__(
        self,
        reconcilers: Mapping[str, AnyReconciler],
        cache: Cache,
        executor: Executor,
        now: Callable[[], datetime],
        follow: Callable[[Key, object | None], None],
    ) -> None:
        """`follow` takes what the plan of an object asks, or None; answers wake the object."""
        self._reconcilers = reconcilers
        self._cache = cache
        self._executor = executor
        self._now = now
        self._follow = follow

    async def reconcile(self, key: Key) -> timedelta | None:
        """Take the next step of one object; return the time until the next one, if no event comes.

        A crash between two lines is harmless: actions are idempotent, and the status comes last.
        """
        reconciler = self._reconcilers[key.kind]
        found = self._living(key)
        if found is None:
            self._follow(key, None)
            return None
        looked = await reconciler.look(found, self._now())
        manifest = self._living(key)
        if manifest is None:
            return None
        plan = self._plan(reconciler, manifest, looked)
        await self._act(plan, manifest)
        status = plan.status.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._executor.record(manifest, status)
        self._follow(key, plan.question)
        return plan.requeue_after

    async def say(self, key: Key, findings: Findings) -> None:
        """Write the conditions of an object that could not be acted on."""
        manifest = self._living(key)
        if manifest is not None:
            status = with_findings(manifest, findings, self._now())
            await self._executor.record(manifest, status)

    def _living(self, key: Key) -> Manifest | None:
        manifest = self._cache.get(key)
        if manifest is None or manifest["metadata"].get("deletionTimestamp"):
            return None
        return manifest

    def _plan(self, reconciler: AnyReconciler, manifest: Manifest, looked: object) -> Plan[Any]:
        now = self._now()
        try:
            observed = reconciler.observe(manifest, looked, now)
        except ValidationError:
            # A foreign status, as after a restore, must not prevent work on the spec.
            bare = {name: part for name, part in manifest.items() if name != "status"}
            observed = reconciler.observe(bare, looked, now)
        return reconciler.plan(observed)

    async def _act(self, plan: Plan[Any], owner: Manifest) -> None:
        expected = self._expect(plan, owner)
        try:
            for action in plan.actions:
                await self._executor.act(action, owner)
        finally:
            for child in expected:
                self._cache.release(child)

    def _expect(self, plan: Plan[Any], owner: Manifest) -> list[Manifest]:
        """Count new Jobs in the cache at once: no other plan may find the same room."""
        children = [
            owned(action.manifest, owner)
            for action in plan.actions
            if isinstance(action, Apply | Create) and action.manifest["kind"] == _LIMITED
        ]
        for child in children:
            self._cache.reserve(child)
        return children
