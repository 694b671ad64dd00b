"""Specs as models: read once for each generation, however often an object is looked at."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import ValidationError

from perennial.api.manifest import Manifest

T = TypeVar("T")

_REMEMBERED = 16_384


class UnreadableError(Exception):
    """A child does not fit its kind: another release of the operator may have made it."""


class Parsed(Generic[T]):
    """Remembers what was read from a spec, until the spec changes."""

    def __init__(self, read: Callable[[Manifest], T]) -> None:
        """Read specs in this way."""
        self._read = read
        self._known: OrderedDict[str, tuple[int, T]] = OrderedDict()

    def of(self, manifest: Manifest) -> T:
        """Return what an object's spec says; a ValidationError names each field in the way."""
        uid, generation = manifest["metadata"]["uid"], manifest["metadata"]["generation"]
        known = self._known.get(uid)
        if known is not None and known[0] == generation:
            return known[1]
        read = self._read(manifest["spec"])
        self._known[uid] = (generation, read)
        self._known.move_to_end(uid)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return read

    def of_child(self, manifest: Manifest) -> T:
        """Return what a child's spec says: its mistakes are not those of its owner's spec."""
        try:
            return self.of(manifest)
        except ValidationError as error:
            name = f"{manifest['kind']} {manifest['metadata']['name']}"
            raise UnreadableError(f"{name}: {error}") from error
