"""The serving tiers: how much of a trained pipeline runs without scikit-learn."""

from enum import StrEnum


class Tier(StrEnum):
    """How a version is served; each tier falls back to the next."""

    COMPILED = "Compiled"
    """Encoder and estimator are data; numpy and ONNX Runtime compute the predictions."""
    ENCODED = "Encoded"
    """The encoder is data; scikit-learn's estimator predicts from its dense rows."""
    PIPELINE = "Pipeline"
    """The whole scikit-learn pipeline computes the predictions."""
