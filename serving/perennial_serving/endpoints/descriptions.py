"""What the server says of itself and of its model, to people and to clients of the protocol."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from pydantic.types import JsonValue

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.model.served import ServedModel
from perennial_serving.wire.answers import PREDICT_PROBA, output_tensors
from perennial_serving.wire.datatypes import DATATYPES

Json = dict[str, Any]
"""An object of JSON."""

_EXAMPLES: Final[Mapping[ColumnType, JsonValue]] = {
    ColumnType.NUMBER: 0.5,
    ColumnType.INTEGER: 1,
    ColumnType.CATEGORY: "text",
    ColumnType.BOOLEAN: True,
    ColumnType.TIMESTAMP: "2026-01-31T12:00:00Z",
}


def release() -> str:
    """Return the version of this server."""
    try:
        return version("perennial")
    except PackageNotFoundError:  # started from a checkout
        return "0"


def server_metadata() -> Json:
    """Return what the protocol's clients ask first."""
    return {"name": "perennial", "version": release(), "extensions": ["binary_tensor_data"]}


def outputs_of(model: ServedModel) -> dict[str, Json]:
    """Describe what the model answers, by name."""
    described = dict(output_tensors(model.schema))
    if not model.gives_probabilities:
        del described[PREDICT_PROBA]
    return described


def model_metadata(model: ServedModel) -> Json:
    """Return what the protocol's clients ask before they send tensors."""
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": f"perennial_{model.predictor.tier.lower()}",
        "inputs": input_tensors(model.schema),
        "outputs": list(outputs_of(model).values()),
    }


def input_tensors(schema: ModelSchema) -> list[Json]:
    """Describe the columns as tensors, each with the datatype that carries it best."""
    return [
        {
            "name": one.name,
            "datatype": next(iter(DATATYPES[one.type])),
            "shape": [-1],
            "parameters": {"type": one.type, "nullable": one.nullable},
        }
        for one in schema.inputs
    ]


def model_description(model: ServedModel) -> Json:
    """Return what a person with curl needs to know."""
    schema = model.schema.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        "tier": model.predictor.tier,
        **schema,
        "ask": 'POST /predict {"rows": [{"column": value, ...}, ...]}',
        "example": example_row(model.schema.inputs),
        "more": "GET /openapi.json",
    }


def example_row(inputs: Sequence[Input]) -> dict[str, JsonValue]:
    """Return a row that the model takes, within what training saw."""
    return {one.name: example_value(one) for one in inputs}


def example_value(one: Input) -> JsonValue:
    """Return a value of a column: a known category, or the middle of the range."""
    if one.categories:
        return one.categories[0]
    if one.minimum is None or one.maximum is None or one.type not in _HAS_MIDDLE:
        return _EXAMPLES[one.type]
    middle = one.minimum + (one.maximum - one.minimum) / 2
    return round(middle) if one.type is ColumnType.INTEGER else middle


_HAS_MIDDLE: Final = (ColumnType.NUMBER, ColumnType.INTEGER)
