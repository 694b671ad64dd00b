"""Reads headers such as `Accept` and `Accept-Encoding`."""

from collections.abc import Mapping


def quality_values(header: str) -> Mapping[str, float]:
    """Return the weight of each name in lower case; 0 where it is refused or malformed."""
    return dict(map(_weighed, header.lower().split(",")))


def _weighed(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in item.split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0
