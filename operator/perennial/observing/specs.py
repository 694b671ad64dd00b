"""Parts of objects as models, each read once until it changes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from perennial.api.manifest import Manifest

T = TypeVar("T")

_REMEMBERED = 16_384


class Memo(Generic[T]):
    """Remembers what was read from each object, until the object has another revision."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[object, T]] = OrderedDict()

    def get(self, uid: str, revision: object, read: Callable[[], T]) -> T:
        """Return what `read` returned for this revision; its errors pass and are not remembered."""
        known = self._known.get(uid)
        if known is not None and known[0] == revision:
            return known[1]
        value = read()
        self._known[uid] = (revision, value)
        self._known.move_to_end(uid)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return value


class Parsed(Generic[T]):
    """Specs as models, read once for each generation however often an object is looked at."""

    def __init__(self, read: Callable[[Manifest], T]) -> None:
        self._read = read
        self._memo: Memo[T] = Memo()

    def of(self, manifest: Manifest) -> T:
        """Return an object's spec as `read` returns it.

        Raises:
            ValidationError: the spec is invalid; the error names each field.

        """
        metadata = manifest["metadata"]
        return self._memo.get(
            metadata["uid"], metadata["generation"], lambda: self._read(manifest["spec"])
        )
