"""Names of older versions that received labels; their number is bounded to bound the memory."""

from typing import Final

from perennial_serving.counters.layout import OLDER_VERSIONS
from perennial_serving.counters.shared_memory import HEADER_WORDS, SharedMemory, Word

_LONGEST_NAME: Final = 64
_NAMES: Final = HEADER_WORDS * 8
NAMES_END: Final = _NAMES + OLDER_VERSIONS * _LONGEST_NAME
"""First byte after the names in a `SharedMemory`."""


class OlderVersions:
    """Names in shared memory, in order of appearance; none is ever removed."""

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory

    @property
    def names(self) -> list[str]:
        """All names so far."""
        return [self._name(position) for position in range(self._memory.words[Word.OLDER_VERSIONS])]

    def position(self, name: str) -> int | None:
        """Return the position of a version, starting at 1, or None if there is no more room."""
        known = self.names
        if name in known:
            return 1 + known.index(name)
        if len(known) == OLDER_VERSIONS:
            return None
        start = _NAMES + len(known) * _LONGEST_NAME
        self._memory.buffer[start : start + _LONGEST_NAME] = name.encode().ljust(
            _LONGEST_NAME, b"\0"
        )
        self._memory.words[Word.OLDER_VERSIONS] = len(known) + 1
        return len(known) + 1

    def _name(self, position: int) -> str:
        start = _NAMES + position * _LONGEST_NAME
        return self._memory.buffer[start : start + _LONGEST_NAME].rstrip(b"\0").decode()
