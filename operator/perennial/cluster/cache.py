"""Slim copies of the watched objects, by key, by owner and by place."""

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
    """Which object: keys are types, never joined strings."""

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
    """Return the owner reference of the one controller that an object can have."""
    references = manifest["metadata"].get("ownerReferences") or ()
    return next((each for each in references if each.get("controller")), None)


def slim(manifest: Manifest) -> dict[str, Any]:
    """Return an object without what nobody here reads."""
    slimmed = {**manifest, "metadata": _without(manifest["metadata"], _METADATA)}
    annotations: Mapping[str, Any] = manifest["metadata"].get("annotations") or {}
    if _LAST_APPLIED in annotations:
        slimmed["metadata"]["annotations"] = _without(annotations, _ANNOTATIONS)
    if manifest["kind"] == "Job" and manifest.get("status"):
        slimmed["status"] = _without(manifest["status"], _COUNTS)
    return slimmed


def _without(fields: Mapping[str, Any], unread: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in unread}


def _says_the_same(known: Manifest, manifest: Manifest) -> bool:
    """Tell whether two slim copies differ in nothing but their version."""
    before = {**known, "metadata": _without(known["metadata"], _VERSION)}
    return before == {**manifest, "metadata": _without(manifest["metadata"], _VERSION)}


class Cache:
    """What the operator knows about the cluster; older news never replace newer ones."""

    def __init__(self) -> None:
        """Begin empty."""
        self._objects: dict[Key, Manifest] = {}
        self._owned: defaultdict[str, set[Key]] = defaultdict(set)
        self._placed: defaultdict[tuple[str, str], dict[Key, Manifest]] = defaultdict(dict)
        self._unfinished: defaultdict[str, set[Key]] = defaultdict(set)
        self._gone: OrderedDict[str, int] = OrderedDict()

    def get(self, key: Key) -> Manifest | None:
        """Return an object, if it is known."""
        return self._objects.get(key)

    def owned(self, uid: str) -> tuple[Manifest, ...]:
        """Return the objects whose controller has this uid, by kind and name."""
        return tuple(self._objects[key] for key in sorted(self._owned.get(uid, ())))

    def of_kind(self, kind: str, namespace: str) -> tuple[Manifest, ...]:
        """Return the objects of one kind in one namespace, in no particular order."""
        return tuple(self._placed.get((kind, namespace), {}).values())

    def unfinished_jobs(self, namespace: str) -> int:
        """Return how many Jobs of a namespace may still have a pod; asked before each new one."""
        return len(self._unfinished.get(namespace, ()))

    def keys(self, kinds: Iterable[str]) -> tuple[Key, ...]:
        """Return the keys of all objects of these kinds."""
        wanted = set(kinds)
        return tuple(key for key in self._objects if key.kind in wanted)

    def put(self, manifest: Manifest) -> bool:
        """Take in an object as the API server returned it; tell whether that is news."""
        key = key_of(manifest)
        known = self._objects.get(key)
        if version_of(manifest) <= self._gone.get(manifest["metadata"]["uid"], -1):
            return False  # the answer to a write that came before the deletion
        if known is not None and version_of(known) >= version_of(manifest):
            return False
        slimmed = slim(manifest)
        self._replace(key, slimmed)
        return known is None or not _says_the_same(known, slimmed)

    def remove(self, manifest: Manifest) -> bool:
        """Take in that an object is gone; tell whether that is news."""
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
        """Count with an object that is about to be created, so that others see it at once."""
        key = key_of(manifest)
        if key not in self._objects:
            self._replace(key, manifest)

    def release(self, manifest: Manifest) -> None:
        """Take back an expectation that did not come true."""
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
    """Remove a key from an index, and the entry when nothing is left in it."""
    held = index.get(entry)
    if held is None:
        return
    held.pop(key, None) if isinstance(held, dict) else held.discard(key)
    if not held:
        del index[entry]
