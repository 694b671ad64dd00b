"""How much of a trained pipeline answers without scikit-learn."""

from enum import StrEnum


class Tier(StrEnum):
    """How a version is served; each tier falls back to the next."""

    COMPILED = "Compiled"
    """Encoder and estimator are data: numpy and ONNX Runtime answer."""
    ENCODED = "Encoded"
    """The encoder is data; scikit-learn's estimator answers its dense rows."""
    PIPELINE = "Pipeline"
    """scikit-learn's whole pipeline answers."""
