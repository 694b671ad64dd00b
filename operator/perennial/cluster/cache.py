"""Slim copies of the watched objects, indexed by key, by owner and by kind and namespace."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from perennial.api.manifest import Manifest, is_over

_METADATA: Final = frozenset({"managedFields", "finalizers"})
_VERSION: Final = frozenset({"resourceVersion"})
_COUNTS: Final = frozenset({"active", "ready", "terminating", "uncountedTerminatedPods"})
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_ANNOTATIONS: Final = frozenset({_LAST_APPLIED})
_GONE_REMEMBERED: Final = 8192


class Key(NamedTuple):
    """Identifies an object; a tuple, so that no separator can be part of a name."""

    kind: str
    namespace: str
    name: str


def key_of(manifest: Manifest) -> Key:
    """Return the key of an object."""
    metadata = manifest["metadata"]
    return Key(manifest["kind"], metadata["namespace"], metadata["name"])


def version_of(manifest: Manifest) -> int:
    """Return the resource version, a number that grows with every write to the cluster."""
    return int(manifest["metadata"].get("resourceVersion") or 0)


def controller_of(manifest: Manifest) -> Manifest | None:
    """Return the owner reference of the object's controller; there is at most one."""
    references = manifest["metadata"].get("ownerReferences") or ()
    return next((each for each in references if each.get("controller")), None)


def slim(manifest: Manifest) -> dict[str, Any]:
    """Return an object without the fields that the operator never reads."""
    slimmed = {**manifest, "metadata": _without(manifest["metadata"], _METADATA)}
    annotations: Mapping[str, Any] = manifest["metadata"].get("annotations") or {}
    if _LAST_APPLIED in annotations:
        slimmed["metadata"]["annotations"] = _without(annotations, _ANNOTATIONS)
    if manifest["kind"] == "Job" and manifest.get("status"):
        slimmed["status"] = _without(manifest["status"], _COUNTS)
    return slimmed


def _without(fields: Mapping[str, Any], unread: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in unread}


def _is_same(known: Manifest, manifest: Manifest) -> bool:
    """Whether two slim copies differ in their resource version only."""
    before = {**known, "metadata": _without(known["metadata"], _VERSION)}
    return before == {**manifest, "metadata": _without(manifest["metadata"], _VERSION)}


class Cache:
    """What the operator knows about the cluster; an older state never replaces a newer one."""

    def __init__(self) -> None:
        self._objects: dict[Key, Manifest] = {}
        self._owned: defaultdict[str, set[Key]] = defaultdict(set)
        self._placed: defaultdict[tuple[str, str], dict[Key, Manifest]] = defaultdict(dict)
        self._unfinished: defaultdict[str, set[Key]] = defaultdict(set)
        self._gone: OrderedDict[str, int] = OrderedDict()
        self._covered: set[str] = set()

    def cover(self, kind: str) -> None:
        """Record that the API server serves this kind, and that its objects are cached."""
        self._covered.add(kind)

    def covers(self, kind: str) -> bool:
        """Return whether a kind is cached; an optional kind may not be served."""
        return kind in self._covered

    def get(self, key: Key) -> Manifest | None:
        """Return an object, or None if it is not cached."""
        return self._objects.get(key)

    def owned(self, uid: str) -> tuple[Manifest, ...]:
        """Return the objects whose controller has this uid, by kind and name."""
        return tuple(self._objects[key] for key in sorted(self._owned.get(uid, ())))

    def of_kind(self, kind: str, namespace: str) -> tuple[Manifest, ...]:
        """Return the objects of one kind in one namespace, in no particular order."""
        return tuple(self._placed.get((kind, namespace), {}).values())

    def unfinished_jobs(self, namespace: str) -> int:
        """Return the number of Jobs in a namespace that may still have a pod."""
        return len(self._unfinished.get(namespace, ()))

    def keys(self, kinds: Iterable[str]) -> tuple[Key, ...]:
        """Return the keys of all objects of these kinds."""
        wanted = set(kinds)
        return tuple(key for key in self._objects if key.kind in wanted)

    def put(self, manifest: Manifest) -> bool:
        """Store an object as the API server returned it; return whether it changed."""
        key = key_of(manifest)
        known = self._objects.get(key)
        if version_of(manifest) <= self._gone.get(manifest["metadata"]["uid"], -1):
            return False  # the response to a write from before the deletion
        if known is not None and version_of(known) >= version_of(manifest):
            return False
        slimmed = slim(manifest)
        self._replace(key, slimmed)
        return known is None or not _is_same(known, slimmed)

    def remove(self, manifest: Manifest) -> bool:
        """Remove a deleted object; return whether it was cached."""
        key, uid = key_of(manifest), manifest["metadata"]["uid"]
        self._gone[uid] = version_of(manifest)
        while len(self._gone) > _GONE_REMEMBERED:
            self._gone.popitem(last=False)
        known = self._objects.get(key)
        if known is None or known["metadata"].get("uid") != uid:
            return False
        self._forget(key)
        return True

    def reserve(self, manifest: Manifest) -> None:
        """Store an object that is about to be created, so that other plans count it at once."""
        key = key_of(manifest)
        if key not in self._objects:
            self._replace(key, manifest)

    def release(self, manifest: Manifest) -> None:
        """Remove a reserved object that was not created."""
        if self._objects.get(key_of(manifest)) is manifest:
            self._forget(key_of(manifest))

    def _replace(self, key: Key, manifest: Manifest) -> None:
        self._forget(key)
        self._objects[key] = manifest
        self._placed[key.kind, key.namespace][key] = manifest
        if controller := controller_of(manifest):
            self._owned[controller["uid"]].add(key)
        if key.kind == "Job" and not is_over(manifest):
            self._unfinished[key.namespace].add(key)

    def _forget(self, key: Key) -> None:
        manifest = self._objects.pop(key, None)
        if manifest is None:
            return
        _drop(self._placed, (key.kind, key.namespace), key)
        _drop(self._unfinished, key.namespace, key)
        if controller := controller_of(manifest):
            _drop(self._owned, controller["uid"], key)


def _drop(index: dict[Any, Any], entry: object, key: Key) -> None:
    """Remove a key from an index, and the entry once it is empty."""
    held = index.get(entry)
    if held is None:
        return
    held.pop(key, None) if isinstance(held, dict) else held.discard(key)
    if not held:
        del index[entry]
