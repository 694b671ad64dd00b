"""Parses a faulty body a second time, slowly, to find the path that the first parse cannot give."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator

Key = str | int


class _Repeating(dict[str, object]):
    """An object with a repeated key."""

    repeated: str


def path_of_nan(body: bytes, under: str) -> str | None:
    """Return the path of the first NaN or Infinity, if there is one."""
    found = _find(body, lambda value: isinstance(value, float) and not math.isfinite(value))
    return None if found is None else _path(under, found[0])


def path_of_repeated_key(body: bytes, under: str) -> str | None:
    """Return the path of the first repeated key, if there is one."""
    found = _find(body, lambda value: isinstance(value, _Repeating))
    if found is None or not isinstance(found[1], _Repeating):
        return None
    return _path(under, [*found[0], found[1].repeated])


def _find(body: bytes, matches: Callable[[object], bool]) -> tuple[list[Key], object] | None:
    """Return the keys to the first matching value, and the value; None if this is not JSON."""
    try:
        root = json.loads(body.decode(), parse_constant=float, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None
    if matches(root):
        return [], root
    # keep only the keys of open levels: writing every path of a long body would be slow
    open_levels = [_items(root)]
    keys: list[Key] = [0]
    while open_levels:
        for keys[-1], value in open_levels[-1]:
            if matches(value):
                return keys, value
            if isinstance(value, list | dict):
                open_levels.append(_items(value))
                keys.append(0)
                break
        else:
            open_levels.pop()
            keys.pop()
    return None


def _items(value: object) -> Iterator[tuple[Key, object]]:
    if isinstance(value, list):
        return enumerate(value)
    return iter(value.items()) if isinstance(value, dict) else iter(())


def _path(under: str, keys: list[Key]) -> str:
    return under + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) == len(pairs):
        return read
    counts = Counter(key for key, _ in pairs)
    repeating = _Repeating(read)
    repeating.repeated = next(key for key, count in counts.items() if count > 1)
    return repeating
