"""What the server says of itself and of its model, to people and to clients of the protocol."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from perennial_serving.model import ServedModel
from perennial_serving.wire.v2 import PREDICT_PROBA, input_tensors, output_tensors


def _release() -> str:
    try:
        return version("perennial")
    except PackageNotFoundError:  # started from a checkout
        return "0"


SERVER: Final = {"name": "perennial", "version": _release(), "extensions": []}
"""What `GET /v2` tells."""


def outputs_of(model: ServedModel) -> dict[str, dict[str, Any]]:
    """Describe what the model answers, by name."""
    described = output_tensors(model.schema, rows=-1)
    if not model.gives_probabilities:
        del described[PREDICT_PROBA]
    return described


def model_metadata(model: ServedModel) -> dict[str, Any]:
    """Return what the protocol's clients ask before they send tensors."""
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": "perennial_skops",
        "inputs": input_tensors(model.schema),
        "outputs": list(outputs_of(model).values()),
    }


def model_page(model: ServedModel) -> dict[str, Any]:
    """Return what a person with curl needs to know."""
    schema = model.schema.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        **schema,
        "ask": 'POST /predict {"rows": [{"column": value, ...}, ...]}',
    }
