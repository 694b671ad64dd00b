"""Whether an object already is as wanted, whatever else others have written into it."""

from collections.abc import Mapping
from typing import Final

from kubernetes.utils.quantity import parse_quantity

_AMOUNTS: Final = frozenset({"requests", "limits", "sizeLimit"})
"""Fields that hold quantities: `1000m` and `1` are the same there."""


def holds(present: object, wanted: object, *, amounts: bool = False) -> bool:
    """Tell whether every wanted field is there with its value; further fields do not matter."""
    match wanted:
        case Mapping():
            return isinstance(present, Mapping) and all(
                _holds_field(present, name, value, amounts=amounts)
                for name, value in wanted.items()
            )
        case list() | tuple():
            return isinstance(present, list | tuple) and _holds_items(present, wanted)
    return present == wanted or (amounts and _same_amount(present, wanted))


def _holds_field(
    present: Mapping[str, object], name: str, wanted: object, *, amounts: bool
) -> bool:
    if name not in present:
        return wanted is None or wanted in ([], (), {})  # the API server drops empty values
    return holds(present[name], wanted, amounts=amounts or name in _AMOUNTS)


def _holds_items(
    present: list[object] | tuple[object, ...], wanted: list[object] | tuple[object, ...]
) -> bool:
    """Objects may have company, such as an injected container; plain values may not."""
    if wanted and all(isinstance(item, Mapping) for item in wanted):
        return all(any(holds(there, item) for there in present) for item in wanted)
    return list(present) == list(wanted)


def _same_amount(present: object, wanted: object) -> bool:
    try:
        return bool(parse_quantity(present) == parse_quantity(wanted))
    except (ValueError, TypeError):
        return False
