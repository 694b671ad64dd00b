"""Stores the changes from watches and own writes, and queues the objects they concern."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from perennial.api import names
from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, controller_of, key_of
from perennial.cluster.resources import OWN
from perennial.reconcile.queue import Queue
from perennial.reconcile.references import References

log = logging.getLogger(__name__)


class Relations(Protocol):
    """How the objects of a kind relate to others: the part of a reconciler that the feed needs."""

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects whose changes wake this one."""

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects that a change of this one wakes."""


class Feed:
    """Ingests changes; no method waits."""

    def __init__(
        self,
        cache: Cache,
        queue: Queue,
        relations: Mapping[str, Relations],
        clock: Callable[[], float],
        gathering: float,
    ) -> None:
        """Changes of children are gathered for `gathering` seconds."""
        self._gathering = gathering
        self._cache = cache
        self._queue = queue
        self._relations = relations
        self._clock = clock
        self._references = References()
        self.stale: dict[str, float] = {}

    def ingest(self, change: str | None, manifest: Manifest) -> None:
        """Store the state of one object and, if it is new, queue the objects it concerns."""
        key = key_of(manifest)
        known = self._cache.get(key)
        if change == "DELETED":
            is_new = self._cache.remove(manifest)
            self._references.drop(key)
        else:
            is_new = self._cache.put(manifest)
            if is_new and key.kind in self._relations:
                self._references.set(
                    key, _read(key, self._relations[key.kind].references, manifest)
                )
        if not is_new:
            return
        if key.kind in OWN:
            self._queue_key(
                key, at_once=known is None or _generation(known) != _generation(manifest)
            )
        for concerned in (*self._dependants(key, manifest), *self._concerned(key, known, manifest)):
            self._queue_key(concerned, at_once=False)

    def requeue_all(self) -> None:
        """Queue every object of the operator's own kinds."""
        for key in self._cache.keys(OWN):
            self._queue.add(key)

    def mark_stale(self, kind: str) -> None:
        """Request a comparison of this kind with the API server, as its watch missed events."""
        self.stale[kind] = self._clock()

    def _queue_key(self, key: Key, *, at_once: bool) -> None:
        """Queue a change by a user at once, and gather other changes for a moment."""
        if at_once or not self._gathering:
            self._queue.add(key)
        else:
            self._queue.later(key, self._gathering)

    def _concerned(self, key: Key, *states: Manifest | None) -> Iterator[Key]:
        if key.kind in self._relations:
            concerns = self._relations[key.kind].concerns
            for manifest in filter(None, states):
                yield from _read(key, concerns, manifest)

    def _dependants(self, key: Key, manifest: Manifest) -> Iterator[Key]:
        yield from self._references.dependants(key)
        parent = _parent(key, manifest)
        if parent is not None:
            yield parent
            yield from self._references.dependants(parent)


def _read(
    key: Key, relation: Callable[[Manifest], tuple[Key, ...]], manifest: Manifest
) -> tuple[Key, ...]:
    try:
        return relation(manifest)
    except Exception:  # an object can hold anything, and must not stop the watch
        log.exception("the references of an object cannot be read", extra={"key": key})
        return ()


def _generation(manifest: Manifest) -> object:
    return manifest["metadata"].get("generation")


def _parent(key: Key, manifest: Manifest) -> Key | None:
    """Return the parent: the controller, or the labelled object for a pod of a Job."""
    controller = controller_of(manifest)
    if controller and controller["kind"] in OWN:
        return Key(controller["kind"], key.namespace, controller["name"])
    labels = manifest["metadata"].get("labels") or {}
    if labels.get(names.KIND) in OWN and labels.get(names.NAME):
        return Key(labels[names.KIND], key.namespace, labels[names.NAME])
    return None
