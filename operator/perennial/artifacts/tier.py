"""How a version is served: the file ``serving.json`` of an artifact."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from perennial.api.schema import Spec

SERVING_FILE: Final = "serving.json"


class Tier(StrEnum):
    """How much of a pipeline runs without scikit-learn; each falls back to the next."""

    COMPILED = "Compiled"
    """Encoder and estimator are data: numpy and ONNX Runtime answer."""
    ENCODED = "Encoded"
    """The encoder is data; scikit-learn's estimator answers its dense rows."""
    PIPELINE = "Pipeline"
    """scikit-learn's whole pipeline answers."""


class Serving(Spec):
    """The tier that passed the parity gate, and what was seen of it."""

    tier: Tier
    """How the version is served."""
    reason: str | None = Field(default=None, max_length=512)
    """Why no faster tier serves it; absent for the fastest."""
    rows: int = Field(default=0, ge=0)
    """Number of rows that were compared with the pipeline."""
    difference: float = Field(default=0.0, ge=0)
    """Largest difference seen: relative above 1, absolute below."""
