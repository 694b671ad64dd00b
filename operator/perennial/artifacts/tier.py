"""The serving tier of a version: the file ``serving.json`` of an artifact."""

from typing import Final

from pydantic import Field

from perennial.api.tier import Tier
from perennial.artifacts.document import Document

__all__ = ["SERVING_FILE", "Serving", "Tier"]

SERVING_FILE: Final = "serving.json"


class Serving(Document):
    """The tier that passed the parity gate, with the result of the comparison."""

    tier: Tier
    """The fastest tier that agrees with the pipeline."""
    reason: str | None = Field(default=None, max_length=512)
    """Reason that no faster tier serves it; None for the fastest."""
    rows: int = Field(default=0, ge=0)
    """Number of rows that were compared with the pipeline."""
    difference: float = Field(default=0.0, ge=0)
    """Largest difference: relative above 1, absolute below."""
