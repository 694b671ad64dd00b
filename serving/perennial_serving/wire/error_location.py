"""A second, slower parse of a suspicious body: it finds the place that the first cannot tell."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator

Key = str | int


class _Repeating(dict[str, object]):
    """An object that names a key more than once."""

    repeated: str


def place_of_no_number(body: bytes, under: str) -> str | None:
    """Return the path of the first NaN or Infinity of a body, if it has one."""
    found = _find(body, lambda value: isinstance(value, float) and not math.isfinite(value))
    return None if found is None else _path(under, found[0])


def place_of_repeated_key(body: bytes, under: str) -> str | None:
    """Return the path of the first key that an object of the body names twice."""
    found = _find(body, lambda value: isinstance(value, _Repeating))
    if found is None or not isinstance(found[1], _Repeating):
        return None
    return _path(under, [*found[0], found[1].repeated])


def _find(body: bytes, is_it: Callable[[object], bool]) -> tuple[list[Key], object] | None:
    """Return the first such value and the keys that lead to it; none if it is hardly JSON."""
    try:
        root = json.loads(body.decode(), parse_constant=float, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None
    if is_it(root):
        return [], root
    # paths are made of the open levels alone: a long body has too many to write them all
    open_levels = [_items(root)]
    keys: list[Key] = [0]
    while open_levels:
        for keys[-1], value in open_levels[-1]:
            if is_it(value):
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
