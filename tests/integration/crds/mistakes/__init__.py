"""Manifests that are one mistake away from an example, and what the API server must say."""

from collections.abc import Mapping
from typing import NamedTuple


class Mistake(NamedTuple):
    """One mistake: where it is made, and the field and the remedy that the refusal names."""

    name: str
    example: str
    changes: Mapping[str, object]
    says: tuple[str, ...]
