"""A cluster in memory: what the API server does with objects, and the faults it may have."""

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perennial.api.manifest import Manifest
from perennial.cluster.cache import Key, key_of
from perennial.cluster.comparison import WHOLE_MAPS
from perennial.cluster.errors import AlreadyExistsError, ConflictError, NotFoundError
from perennial.cluster.protocols import Listing
from perennial.cluster.resources import OWN, WATCHABLE

_READS = ("list", "heads", "get", "events", "is_enforced", "served_kinds")


class Crash(BaseException):
    """The operator's process dies."""


@dataclass(frozen=True)
class Fault:
    """What one call meets: before it does anything, or after it has done everything."""

    error: BaseException
    after: bool = False


class MemoryCluster:
    """Implements the Protocols of a cluster; every change is passed to the watchers."""

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.posted: list[tuple[str, str, str]] = []
        self.served = list(WATCHABLE)
        self.enforced = True
        self.watchers: list[Callable[[str, Manifest], None]] = []
        self.faults: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._numbers = itertools.count(100)

    def fail(self, verb: str, error: BaseException, *, after: bool = False, calls: int = 0) -> None:
        """Let the call after so many further ones of this verb meet a fault."""
        self.faults[verb].extend([None] * calls)
        self.faults[verb].append(Fault(error, after))

    def writes(self) -> list[tuple[str, str, str]]:
        return [call for call in self.calls if call[0] not in _READS]

    def put(self, manifest: Manifest, *, quietly: bool = False) -> dict[str, Any]:
        """Make or change an object as somebody else would."""
        present = self.objects.get(key_of(manifest))
        if present is None:
            return self._add(manifest, quietly=quietly)
        merged = _merged(present, manifest, (manifest["kind"],))
        return self._change(present, merged, quietly=quietly)

    def drop(self, key: Key, *, quietly: bool = False) -> None:
        """Remove an object as somebody else would; quietly: no watch tells."""
        gone = self.objects.pop(key)
        self._number(gone)
        if not quietly:
            self._tell("DELETED", gone)

    async def list(self, kind: str, namespace: str | None = None) -> Listing:
        self._meet("list", kind, namespace or "")
        found = [
            each
            for key, each in self.objects.items()
            if key.kind == kind and namespace in (None, key.namespace)
        ]
        return Listing(tuple(found), next(self._numbers))

    async def heads(self, kind: str, namespace: str | None = None) -> Listing:
        listing = await self.list(kind, namespace)
        fields = ("apiVersion", "kind", "metadata")
        return listing._replace(
            items=tuple({field: item[field] for field in fields} for item in listing.items)
        )

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        self._meet("get", kind, name)
        return self._found(Key(kind, namespace, name))

    async def create(self, manifest: Manifest) -> Manifest:
        finish = self._meet("create", manifest["kind"], manifest["metadata"]["name"])
        if key_of(manifest) in self.objects:
            raise AlreadyExistsError(f"{manifest['metadata']['name']} already exists")
        return finish(self._add(manifest))

    async def apply(self, manifest: Manifest) -> Manifest:
        finish = self._meet("apply", manifest["kind"], manifest["metadata"]["name"])
        present = self.objects.get(key_of(manifest))
        if present is None:
            return finish(self._add(manifest))
        if (
            manifest["metadata"].get("uid", present["metadata"]["uid"])
            != present["metadata"]["uid"]
        ):
            raise ConflictError("uid mismatch")
        merged = _merged(present, manifest, (manifest["kind"],))
        return finish(self._change(present, merged))

    async def apply_status(self, manifest: Manifest) -> Manifest:
        return self._write_status("apply_status", manifest, replace=False)

    async def replace_status(self, manifest: Manifest) -> Manifest:
        return self._write_status("replace_status", manifest, replace=True)

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> Manifest | None:
        finish = self._meet("delete", kind, name)
        present = self._found(Key(kind, namespace, name))
        if present["metadata"]["uid"] != uid:
            raise ConflictError("the UID in the precondition does not match")
        self.drop(Key(kind, namespace, name))
        return finish(None)

    async def post_event(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        finish = self._meet("post_event", about["kind"], about["metadata"]["name"])
        self.posted.append((about["metadata"]["name"], reason, message))
        finish(None)

    async def events(self, namespace: str, uid: str) -> tuple[Manifest, ...]:
        self._meet("events", "Event", namespace)
        return ()

    async def is_enforced(self, namespace: str) -> bool:
        self._meet("is_enforced", "Decision", namespace)
        return self.enforced

    async def served_kinds(self) -> tuple[str, ...]:
        self._meet("served_kinds", "", "")
        return tuple(self.served)

    def _write_status(self, verb: str, manifest: Manifest, *, replace: bool) -> Manifest:
        finish = self._meet(verb, manifest["kind"], manifest["metadata"]["name"])
        present = self._found(key_of(manifest))
        version = manifest["metadata"].get("resourceVersion")
        if version not in (None, present["metadata"]["resourceVersion"]):
            raise ConflictError("the object has been modified")
        before = {} if replace else present.get("status") or {}
        status = _merged(before, manifest["status"])
        return finish(self._change(present, {**present, "status": status}))

    def _meet(self, verb: str, kind: str, name: str) -> Callable[[Any], Any]:
        """Note a call; raise its fault now, or when its result is handed back."""
        self.calls.append((verb, kind, name))
        fault = self.faults[verb].popleft() if self.faults[verb] else None
        if fault and not fault.after:
            raise fault.error

        def finish(result: Any) -> Any:
            if fault:
                raise fault.error
            return result

        return finish

    def _found(self, key: Key) -> dict[str, Any]:
        if key not in self.objects:
            raise NotFoundError(f"{key.kind} {key.name} not found")
        return self.objects[key]

    def _add(self, manifest: Manifest, *, quietly: bool = False) -> dict[str, Any]:
        added = {name: part for name, part in manifest.items() if name != "status"}
        metadata = {**manifest["metadata"], "uid": f"uid-{next(self._numbers)}", "generation": 1}
        added["metadata"] = metadata
        if manifest["kind"] in OWN:
            added["status"] = {"observedGeneration": -1}
        elif "status" in manifest:
            added["status"] = manifest["status"]
        self._number(added)
        self.objects[key_of(added)] = added
        if not quietly:
            self._tell("ADDED", added)
        return added

    def _change(
        self, present: Manifest, changed: dict[str, Any], *, quietly: bool = False
    ) -> dict[str, Any]:
        if changed == present:
            return changed  # an apply without effect keeps the version
        if changed.get("spec") != present.get("spec"):
            generation = present["metadata"]["generation"] + 1
            changed["metadata"] = {**changed["metadata"], "generation": generation}
        self._number(changed)
        self.objects[key_of(changed)] = changed
        if not quietly:
            self._tell("MODIFIED", changed)
        return changed

    def _number(self, manifest: dict[str, Any]) -> None:
        version = str(next(self._numbers))
        manifest["metadata"] = {**manifest["metadata"], "resourceVersion": version}

    def _tell(self, change: str, manifest: Manifest) -> None:
        for watcher in self.watchers:
            watcher(change, manifest)


def _merged(
    present: Mapping[str, Any], wanted: Mapping[str, Any], path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Merge maps, except those that server-side apply replaces as a whole."""
    merged = dict(present)
    for name, value in wanted.items():
        before, place = merged.get(name), (*path, name)
        both = isinstance(value, Mapping) and isinstance(before, Mapping)
        is_merged = both and place not in WHOLE_MAPS
        merged[name] = _merged(before, value, place) if is_merged else value
    return merged
