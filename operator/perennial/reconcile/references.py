"""The reverse of references: from an object to the objects that refer to it."""

from collections import defaultdict
from collections.abc import Iterable

from perennial.cluster.cache import Key


class References:
    """Each reference names one object, which need not exist."""

    def __init__(self) -> None:
        self._targets: dict[Key, frozenset[Key]] = {}
        self._dependants: defaultdict[Key, set[Key]] = defaultdict(set)

    def set(self, source: Key, targets: Iterable[Key]) -> None:
        """Replace the references of an object."""
        wanted = frozenset(targets)
        before = self._targets.get(source, frozenset())
        if wanted == before:
            return
        for target in before - wanted:
            self._dependants[target].discard(source)
        for target in wanted - before:
            self._dependants[target].add(source)
        self._targets[source] = wanted

    def drop(self, source: Key) -> None:
        """Remove the references of a deleted object."""
        for target in self._targets.pop(source, frozenset()):
            self._dependants[target].discard(source)

    def dependants(self, target: Key) -> frozenset[Key]:
        """Return the objects that refer to this one."""
        return frozenset(self._dependants.get(target, ()))
