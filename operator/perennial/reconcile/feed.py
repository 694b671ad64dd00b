"""News from the watches and from our own writes: stored, then passed on to whom they concern."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from perennial.api import names
from perennial.api.manifest import Manifest
from perennial.cluster.cache import Key, Store, controller_of, key_of
from perennial.cluster.resources import OWN
from perennial.reconcile.queue import Queue
from perennial.reconcile.references import References

log = logging.getLogger(__name__)


class Relations(Protocol):
    """Which other objects a kind has to do with; the part of a reconciler that the feed needs."""

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects whose changes wake this one."""

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the objects that a change of this one wakes."""


class Feed:
    """Takes news in; nothing in here waits."""

    def __init__(
        self,
        store: Store,
        queue: Queue,
        relations: Mapping[str, Relations],
        clock: Callable[[], float],
        gathering: float,
    ) -> None:
        """Begin without references; changes of children gather for `gathering` seconds."""
        self._gathering = gathering
        self._store = store
        self._queue = queue
        self._relations = relations
        self._clock = clock
        self._references = References()
        self.suspects: dict[str, float] = {}

    def learned(self, change: str | None, manifest: Manifest) -> None:
        """Take in the state of one object, and wake whom it concerns unless it was known."""
        key = key_of(manifest)
        known = self._store.get(key)
        if change == "DELETED":
            news = self._store.remove(manifest)
            self._references.drop(key)
        else:
            news = self._store.put(manifest)
            if news and key.kind in self._relations:
                self._references.set(
                    key, _read(key, self._relations[key.kind].references, manifest)
                )
        if not news:
            return
        if key.kind in OWN:
            self._wake(key, at_once=known is None or _generation(known) != _generation(manifest))
        for concerned in (*self._others(key, manifest), *self._concerned(key, known, manifest)):
            self._wake(concerned, at_once=False)

    def review(self) -> None:
        """Have every object of our own looked at again."""
        for key in self._store.keys(OWN):
            self._queue.add(key)

    def doubt(self, kind: str) -> None:
        """Have what is known of this kind compared with the API server: a watch began anew."""
        self.suspects[kind] = self._clock()

    def _wake(self, key: Key, *, at_once: bool) -> None:
        """Look at what a person has written at once, and once at several news of other kinds."""
        if at_once or not self._gathering:
            self._queue.add(key)
        else:
            self._queue.later(key, self._gathering)

    def _concerned(self, key: Key, *states: Manifest | None) -> Iterator[Key]:
        if key.kind in self._relations:
            concerns = self._relations[key.kind].concerns
            for manifest in filter(None, states):
                yield from _read(key, concerns, manifest)

    def _others(self, key: Key, manifest: Manifest) -> Iterator[Key]:
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
    except Exception:  # an object may hold anything; nothing in here may fail because of it
        log.exception("the references of an object cannot be read", extra={"key": key})
        return ()


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
