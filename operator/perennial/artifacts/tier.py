"""How a version is served: the file ``serving.json`` of an artifact."""

from typing import Final

from pydantic import Field

from perennial.api.tier import Tier
from perennial.artifacts.document import Document

__all__ = ["SERVING_FILE", "Serving", "Tier"]

SERVING_FILE: Final = "serving.json"


class Serving(Document):
    """The tier that passed the parity gate, and what was seen of it."""

    tier: Tier
    """How the version is served."""
    reason: str | None = Field(default=None, max_length=512)
    """Why no faster tier serves it; absent for the fastest."""
    rows: int = Field(default=0, ge=0)
    """Number of rows that were compared with the pipeline."""
    difference: float = Field(default=0.0, ge=0)
    """Largest difference seen: relative above 1, absolute below."""
