"""The names of older versions that labels have named: a few, so that nobody can fill the memory."""

from typing import Final

from perennial_serving.counters.layout import OLDER_VERSIONS
from perennial_serving.counters.shared_memory import HEADER_WORDS, Slab, Word

_LONGEST_NAME: Final = 64
_NAMES: Final = HEADER_WORDS * 8
NAMES_END: Final = _NAMES + OLDER_VERSIONS * _LONGEST_NAME
"""Where the names end in a slab."""


class OlderVersions:
    """Names in a slab, in the order in which they came up; none is ever removed."""

    def __init__(self, slab: Slab) -> None:
        """Look at the names."""
        self._slab = slab

    @property
    def names(self) -> list[str]:
        """The names so far."""
        return [self._name(position) for position in range(self._slab.words[Word.OLDER_VERSIONS])]

    def position(self, name: str) -> int | None:
        """Return where a version is counted, from 1; None if there is no room for another."""
        known = self.names
        if name in known:
            return 1 + known.index(name)
        if len(known) == OLDER_VERSIONS:
            return None
        start = _NAMES + len(known) * _LONGEST_NAME
        self._slab.memory[start : start + _LONGEST_NAME] = name.encode().ljust(_LONGEST_NAME, b"\0")
        self._slab.words[Word.OLDER_VERSIONS] = len(known) + 1
        return len(known) + 1

    def _name(self, position: int) -> str:
        start = _NAMES + position * _LONGEST_NAME
        return self._slab.memory[start : start + _LONGEST_NAME].rstrip(b"\0").decode()
