"""News from the watches and from our own writes: stored, then passed on to whom they concern."""

import logging
from collections.abc import Callable, Iterator, Mapping

from perennial.api import names
from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, controller_of, key_of
from perennial.cluster.resources import OWN
from perennial.reconcile.queue import Queue
from perennial.reconcile.references import References

log = logging.getLogger(__name__)

Refer = Callable[[Manifest], tuple[Key, ...]]


class Feed:
    """Takes news in; nothing in here waits."""

    def __init__(
        self,
        cache: Cache,
        queue: Queue,
        refer: Mapping[str, Refer],
        clock: Callable[[], float],
        gathering: float,
    ) -> None:
        """Learn from `refer` what objects refer to; news of children gather for some seconds."""
        self._gathering = gathering
        self._cache = cache
        self._queue = queue
        self._refer = refer
        self._clock = clock
        self._references = References()
        self.stale: dict[str, float] = {}

    def ingest(self, change: str | None, manifest: Manifest) -> None:
        """Take in the state of one object, and wake whom it concerns unless it was known."""
        key = key_of(manifest)
        known = self._cache.get(key)
        if change == "DELETED":
            news = self._cache.remove(manifest)
            self._references.drop(key)
        else:
            news = self._cache.put(manifest)
            if news and key.kind in self._refer:
                self._references.set(key, self._named_by(key, manifest))
        if not news:
            return
        if key.kind in OWN:
            self._wake(key, at_once=known is None or _generation(known) != _generation(manifest))
        for concerned in self._others(key, manifest):
            self._wake(concerned, at_once=False)

    def requeue_all(self) -> None:
        """Have every object of our own looked at again."""
        for key in self._cache.keys(OWN):
            self._queue.add(key)

    def mark_stale(self, kind: str) -> None:
        """Have what is known of this kind compared with the API server: a watch began anew."""
        self.stale[kind] = self._clock()

    def _wake(self, key: Key, *, at_once: bool) -> None:
        """Look at what a person has written at once, and once at several news of other kinds."""
        if at_once or not self._gathering:
            self._queue.add(key)
        else:
            self._queue.later(key, self._gathering)

    def _named_by(self, key: Key, manifest: Manifest) -> tuple[Key, ...]:
        try:
            return self._refer[key.kind](manifest)
        except Exception:  # a spec may hold anything; nothing in here may fall over it
            log.exception("the references of an object cannot be read", extra={"key": key})
            return ()

    def _others(self, key: Key, manifest: Manifest) -> Iterator[Key]:
        yield from self._references.dependants(key)
        parent = _parent(key, manifest)
        if parent is not None:
            yield parent
            yield from self._references.dependants(parent)


def _generation(manifest: Manifest) -> object:
    return manifest["metadata"].get("generation")


def _parent(key: Key, manifest: Manifest) -> Key | None:
    """Return whose child this is: by its controller, or by its labels when that is a Job."""
    controller = controller_of(manifest)
    if controller and controller["kind"] in OWN:
        return Key(controller["kind"], key.namespace, controller["name"])
    labels = manifest["metadata"].get("labels") or {}
    if labels.get(names.KIND) in OWN and labels.get(names.NAME):
        return Key(labels[names.KIND], key.namespace, labels[names.NAME])
    return None
