"""Metadata of the server and of its model, for people and for clients of the protocol."""

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
    """Return the server metadata of the Open Inference Protocol."""
    return {"name": "perennial", "version": release(), "extensions": ["binary_tensor_data"]}


def outputs_of(model: ServedModel) -> dict[str, Json]:
    """Return the metadata of the model's outputs, by name."""
    described = dict(output_tensors(model.schema))
    if not model.gives_probabilities:
        del described[PREDICT_PROBA]
    return described


def model_metadata(model: ServedModel) -> Json:
    """Return the model metadata of the Open Inference Protocol."""
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": f"perennial_{model.predictor.tier.lower()}",
        "inputs": input_tensors(model.schema),
        "outputs": list(outputs_of(model).values()),
    }


def input_tensors(schema: ModelSchema) -> list[Json]:
    """Return the columns as tensors, each with its preferred datatype."""
    return [
        {
            "name": column.name,
            "datatype": next(iter(DATATYPES[column.type])),
            "shape": [-1],
            "parameters": {"type": column.type, "nullable": column.nullable},
        }
        for column in schema.inputs
    ]


def model_description(model: ServedModel) -> Json:
    """Return the JSON of `GET /`: what the model predicts, and an example request."""
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
    """Return a valid row, within the range of the training data."""
    return {column.name: example_value(column) for column in inputs}


def example_value(column: Input) -> JsonValue:
    """Return a valid value: a known category, or the middle of the range."""
    if column.categories:
        return column.categories[0]
    if column.minimum is None or column.maximum is None or column.type not in _HAS_MIDDLE:
        return _EXAMPLES[column.type]
    middle = column.minimum + (column.maximum - column.minimum) / 2
    return round(middle) if column.type is ColumnType.INTEGER else middle


_HAS_MIDDLE: Final = (ColumnType.NUMBER, ColumnType.INTEGER)
