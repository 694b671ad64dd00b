"""Whether an object already has the desired state, whatever else it contains."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from kubernetes.utils.quantity import parse_quantity

from perennial.api.manifest import Manifest

WHOLE_MAPS: Final = frozenset(
    {
        ("Deployment", "spec", "selector"),
        ("PodDisruptionBudget", "spec", "selector"),
        ("Service", "spec", "selector"),
    }
)
"""Maps in which a further key is a difference: it would change which pods are selected.

Server-side apply replaces these maps as a whole (they are atomic), so one apply repairs them.
"""

WHOLE_LISTS: Final = frozenset(
    {
        ("HTTPRoute", "spec", "hostnames"),
        ("HTTPRoute", "spec", "parentRefs"),
        ("HTTPRoute", "spec", "rules"),
    }
)
"""Lists of objects in which a further entry or another order is a difference, lists below included.

These lists are atomic as well. All other lists of objects may have further entries: in a list-map,
such as containers or ports, an apply does not remove the entries of other managers, so counting
them as a difference would repeat the apply for ever. Lists of plain values are always whole.
"""

_AMOUNTS: Final = frozenset({"requests", "limits", "sizeLimit"})
"""Fields that hold quantities, in which `1000m` and `1` are equal."""


class _Place(NamedTuple):
    """Where a value stands, and how it is compared there."""

    path: tuple[str, ...]
    is_amount: bool = False
    is_whole_map: bool = False
    is_whole_list: bool = False

    def field(self, name: str) -> "_Place":
        path = (*self.path, name)
        return _Place(
            path,
            self.is_amount or name in _AMOUNTS,
            self.is_whole_map or path in WHOLE_MAPS,
            self.is_whole_list or path in WHOLE_LISTS,
        )


def contains(present: Manifest, wanted: Manifest) -> bool:
    """Whether every wanted field is present with its value.

    Further fields do not count, since the API server sets defaults and other managers set fields
    of their own; WHOLE_MAPS and WHOLE_LISTS are the exceptions. To guard a field against others,
    a plan states it, if need be as an empty list.
    """
    return _contains(present, wanted, _Place((str(wanted.get("kind", "")),)))


def _contains(present: object, wanted: object, place: _Place) -> bool:
    match wanted:
        case Mapping():
            return isinstance(present, Mapping) and _contains_fields(present, wanted, place)
        case list() | tuple():
            return isinstance(present, list | tuple) and _contains_items(present, wanted, place)
    return present == wanted or (place.is_amount and _is_same_amount(present, wanted))


def _contains_fields(
    present: Mapping[str, object], wanted: Mapping[str, object], place: _Place
) -> bool:
    if place.is_whole_map and not present.keys() <= wanted.keys():
        return False
    return all(
        _contains_field(present, name, value, place.field(name)) for name, value in wanted.items()
    )


def _contains_field(
    present: Mapping[str, object], name: str, wanted: object, place: _Place
) -> bool:
    if name not in present:
        return wanted is None or wanted in ([], (), {})  # the API server drops empty values
    return _contains(present[name], wanted, place)


def _contains_items(
    present: list[object] | tuple[object, ...],
    wanted: list[object] | tuple[object, ...],
    place: _Place,
) -> bool:
    if not wanted or not all(isinstance(item, Mapping) for item in wanted):
        return list(present) == list(wanted)
    if place.is_whole_list:
        return len(present) == len(wanted) and all(
            _contains(there, item, place) for there, item in zip(present, wanted, strict=True)
        )
    return all(any(_contains(there, item, place) for there in present) for item in wanted)


def _is_same_amount(present: object, wanted: object) -> bool:
    try:
        return bool(parse_quantity(present) == parse_quantity(wanted))
    except (ValueError, TypeError):
        return False
