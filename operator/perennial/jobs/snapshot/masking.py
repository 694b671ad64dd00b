"""Masking of data in messages: the shape of a value, never the value."""

import re
from collections.abc import Iterable

_LONGEST_SHAPE = 24
_MOST_NAMES = 12
_LONGEST_NAME = 48
_PLAIN_NAME = re.compile(r"[^\W\d][\w .()/%-]*")


def shape(value: str) -> str:
    """Return a value with every letter as ``a`` or ``A`` and every digit as ``9``."""
    masked = "".join(_masked(character) for character in value[:_LONGEST_SHAPE])
    return f"{masked}…" if len(value) > _LONGEST_SHAPE else masked


def listed(names: Iterable[str]) -> str:
    """Return column names for a message, masked if they may be values of a file without header."""
    found = [name if _is_plain(name) else shape(name) for name in names]
    more = len(found) - _MOST_NAMES
    return ", ".join(found[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _is_plain(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and bool(_PLAIN_NAME.fullmatch(name))


def _masked(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    if character.isnumeric():
        return "9"
    return character if character.isprintable() else "?"
