"""Turns actions into requests: the only place that writes objects."""

import logging
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, controller_of, key_of, version_of
from perennial.cluster.comparison import contains
from perennial.cluster.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NameTakenError,
    NotFoundError,
    TransientError,
)
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.protocols import ClusterWriter
from perennial.planning.plan import Action, Apply, Create, CreateKey, Delete, PostEvent

log = logging.getLogger(__name__)

_KEY_BYTES: Final = 32


def owned(manifest: Manifest, owner: Manifest) -> Manifest:
    """Return a child in the namespace of its owner and with an owner reference to it."""
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    metadata = {
        **manifest["metadata"],
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [reference],
    }
    return {**manifest, "metadata": metadata}


class Executor:
    """Carries out the actions of plans and records statuses."""

    def __init__(
        self,
        cluster: ClusterWriter,
        cache: Cache,
        written: Callable[[str | None, Manifest], None],
        metrics: ClusterMetrics,
    ) -> None:
        """`written` receives the change and the object of every write."""
        self._cluster = cluster
        self._cache = cache
        self._written = written
        self._metrics = metrics
        self._unlike: dict[str, tuple[int, Mapping[str, Any]]] = {}

    async def act(self, action: Action, owner: Manifest) -> None:
        """Carry out one action for its owner."""
        match action:
            case Apply(manifest):
                await self._apply(owned(manifest, owner), owner)
            case Create(manifest):
                await self._create(owned(manifest, owner), owner)
            case CreateKey(manifest, entry):
                await self._create_key(owned(manifest, owner), entry)
            case Delete(kind, name, uid):
                await self._delete(Key(kind, owner["metadata"]["namespace"], name), uid)
            case PostEvent():
                await self._post(action, owner)

    async def record(self, manifest: Manifest, status: Mapping[str, Any]) -> None:
        """Write the status of an object unless it is already recorded."""
        metadata = manifest["metadata"]
        if _without_empty_lists(status) == _without_empty_lists(manifest.get("status")):
            return
        if self._unlike.get(metadata["uid"]) == (version_of(manifest), status):
            return
        newest = self._cache.get(key_of(manifest))
        if newest is not None and version_of(newest) != version_of(manifest):
            raise ConflictError("the object changed while it was being worked on")
        body = {
            "apiVersion": manifest["apiVersion"],
            "kind": manifest["kind"],
            "metadata": {
                field: metadata[field] for field in ("name", "namespace", "resourceVersion")
            },
            "status": status,
        }
        try:
            recorded = await self._cluster.apply_status(body)
            if recorded.get("status") != status:  # fields of another manager, as after a restore
                recorded = await self._replace(body, recorded)
        except NotFoundError:
            return  # deleted meanwhile: the watch delivers that event
        self._written("MODIFIED", recorded)

    async def _replace(self, body: dict[str, Any], recorded: Manifest) -> Manifest:
        version = recorded["metadata"]["resourceVersion"]
        body = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        replaced = await self._cluster.replace_status(body)
        if replaced.get("status") != body["status"]:
            # The CRD adds or drops a field: without this memory every reconciliation would write.
            self._unlike[replaced["metadata"]["uid"]] = (version_of(replaced), body["status"])
        return replaced

    async def _post(self, event: PostEvent, owner: Manifest) -> None:
        try:
            await self._cluster.post_event(owner, event.type, event.reason, event.message)
        except (ForbiddenError, InvalidError, NotFoundError, ConflictError) as error:
            # Nothing depends on an Event: the status holds the same finding.
            log.warning("an Event was not posted", extra={"error": str(error)})

    async def _apply(self, wanted: Manifest, owner: Manifest) -> None:
        present = self._present(wanted) or await self._made(wanted, owner)
        if present is None:
            return
        _refuse_foreign(present, owner)
        if contains(present, wanted):
            self._metrics.applies_skipped.labels(wanted["kind"]).inc()
            return
        await self._patch(wanted, present)

    async def _create(self, wanted: Manifest, owner: Manifest) -> None:
        present = self._present(wanted) or await self._made(wanted, owner)
        if present is None:
            return
        _refuse_foreign(present, owner)
        marks = {field: wanted["metadata"].get(field) for field in ("labels", "ownerReferences")}
        if not contains(
            present["metadata"], marks
        ):  # without its labels the watch does not deliver it
            identity = {field: wanted["metadata"][field] for field in ("name", "namespace")}
            metadata = {**identity, **marks}
            typed = {field: wanted[field] for field in ("apiVersion", "kind")}
            await self._patch({**typed, "metadata": metadata}, present)

    async def _create_key(self, wanted: Manifest, entry: str) -> None:
        key = b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        with suppress(AlreadyExistsError):  # a key that exists already is used
            await self._cluster.create({**wanted, "stringData": {entry: key}})

    async def _made(self, wanted: Manifest, owner: Manifest) -> Manifest | None:
        """Create an object; return the existing object if the name is taken."""
        try:
            created = await self._cluster.create(wanted)
        except AlreadyExistsError:
            key = key_of(wanted)
            present = await self._cluster.get(*key)
            _refuse_foreign(present, owner)
            return present
        self._written("ADDED", created)
        return None

    async def _patch(self, wanted: Manifest, present: Manifest) -> None:
        metadata = {**wanted["metadata"], "uid": present["metadata"]["uid"]}
        self._written("MODIFIED", await self._cluster.apply({**wanted, "metadata": metadata}))

    async def _delete(self, key: Key, uid: str) -> None:
        present = self._cache.get(key)
        if present is None or present["metadata"].get("uid") != uid:
            return
        if present["metadata"].get("deletionTimestamp"):
            return
        try:
            leaving = await self._cluster.delete(*key, uid)
        except (
            NotFoundError,
            ConflictError,
        ):  # gone, or replaced by another object of the same name
            leaving = None
        if leaving is None:
            self._written("DELETED", present)
        else:
            self._written("MODIFIED", leaving)

    def _present(self, wanted: Manifest) -> Manifest | None:
        """Return the cached object of this name unless it is only reserved."""
        known = self._cache.get(key_of(wanted))
        return known if known and known["metadata"].get("uid") else None


def _refuse_foreign(present: Manifest, owner: Manifest) -> None:
    controller = controller_of(present)
    if controller and controller["uid"] == owner["metadata"]["uid"]:
        return
    if controller and (controller["kind"], controller["name"]) == (
        owner["kind"],
        owner["metadata"]["name"],
    ):
        raise TransientError(
            "a child of the deleted object of the same name is still being garbage-collected"
        )
    raise NameTakenError(present["kind"], present["metadata"]["name"])


def _without_empty_lists(value: Any) -> Any:  # noqa: ANN401 - any part of a status
    """Return a status without empty lists, so that a new field of them is no change."""
    if isinstance(value, dict):
        return {key: _without_empty_lists(part) for key, part in value.items() if part != []}
    return value
