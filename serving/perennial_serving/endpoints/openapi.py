"""`GET /openapi.json`: the whole API of one model, with its columns as the types of a row."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.model_schema import Input, label_text
from perennial_serving.endpoints.descriptions import Json, example_row, release
from perennial_serving.http.messages import JSON
from perennial_serving.model.served import ServedModel
from perennial_serving.wire.cell_types import extra_time_input
from perennial_serving.wire.datatypes import DATATYPES

_OCTETS: Final = "application/octet-stream"
_CELLS: Final[Mapping[ColumnType, Json]] = {
    ColumnType.NUMBER: {"type": "number"},
    ColumnType.INTEGER: {"type": "integer"},
    ColumnType.CATEGORY: {"type": "string"},
    ColumnType.BOOLEAN: {"type": "boolean"},
    ColumnType.TIMESTAMP: {"type": "string", "format": "date-time"},
}
_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "Malformed JSON, a wrong type, an unknown or missing column, no rows",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "A body that is too long, or too many rows",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "A content type or a compression that is not taken",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Rows without an answer, or outside of the contract",
    HTTPStatus.SERVICE_UNAVAILABLE: "The server has not verified itself yet",
}


def openapi(model: ServedModel, most_rows: int) -> Json:
    """Return the description of the API, version 3.1 of the OpenAPI specification."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": model.name,
            "version": model.version,
            "description": f"Served by perennial {release()}; artifact {model.digest}.",
        },
        "paths": {
            "/predict": {"post": _predict(model)},
            "/feedback": {"post": _feedback()},
            **_protocol(model),
            "/metrics": {"get": _get("scrape", "Counts for Prometheus", {"text/plain": _TEXT})},
            "/openapi.json": {"get": _get("describe", "This description", {JSON: _OBJECT})},
            "/": {"get": _get("introduce", "What is served", {JSON: _OBJECT, "text/html": _TEXT})},
        },
        "components": {"schemas": _schemas(model, most_rows)},
    }


_OBJECT: Final[Json] = {"schema": {"type": "object"}}
_TEXT: Final[Json] = {"schema": {"type": "string"}}


def _protocol(model: ServedModel) -> Json:
    """Describe the paths of the Open Inference Protocol, with and without the version."""
    ready = {HTTPStatus.SERVICE_UNAVAILABLE: "Not ready"}
    paths: Json = {
        "/v2": {"get": _get("serverMetadata", "What the server is", {JSON: _OBJECT})},
        "/v2/health/live": {"get": _get("live", "The process runs", {JSON: _OBJECT})},
        "/v2/health/ready": {"get": _get("ready", "Callers are welcome", {JSON: _OBJECT}, ready)},
    }
    for suffix, at in model_paths(model):
        paths[at] = {
            "get": _get(f"modelMetadata{suffix}", "The tensors of the model", {JSON: _OBJECT})
        }
        paths[f"{at}/ready"] = {
            "get": _get(f"modelReady{suffix}", "Callers are welcome", {JSON: _OBJECT}, ready)
        }
        paths[f"{at}/infer"] = {"post": _infer(f"infer{suffix}")}
    return paths


def model_paths(model: ServedModel) -> Sequence[tuple[str, str]]:
    """Return where the protocol finds the model: at its name, and at its version."""
    by_name = f"/v2/models/{model.name}"
    return (("", by_name), ("OfVersion", f"{by_name}/versions/{model.version}"))


def _predict(model: ServedModel) -> Json:
    return _post(
        "predict",
        "Answer rows",
        {JSON: {"schema": _ref("Rows"), "example": {"rows": [example_row(model.schema.inputs)]}}},
        {JSON: {"schema": _ref("Predictions")}},
    )


def _infer(operation: str) -> Json:
    return _post(
        operation,
        "Answer tensors",
        {JSON: {"schema": _ref("InferRequest")}, _OCTETS: _TEXT},
        {JSON: {"schema": _ref("InferResponse")}, _OCTETS: _TEXT},
    )


def _feedback() -> Json:
    told = {JSON: {"schema": _ref("FeedbackReply")}}
    operation = _post(
        "feedback",
        "Tell what became true of predictions",
        {JSON: {"schema": _ref("Feedback")}},
        told,
    )
    operation["responses"]["422"] = {"description": "No label was counted", "content": told}
    return operation


def _get(
    operation: str, summary: str, content: Json, errors: Mapping[HTTPStatus, str] | None = None
) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}, **_errors(errors or {})},
    }


def _post(operation: str, summary: str, body: Json, content: Json) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "requestBody": {"required": True, "content": body},
        "responses": {"200": {"description": summary, "content": content}, **_errors(_REFUSALS)},
    }


def _errors(errors: Mapping[HTTPStatus, str]) -> Json:
    content = {JSON: {"schema": _ref("Error")}}
    return {
        str(status.value): {"description": why, "content": content}
        for status, why in errors.items()
    }


def _schemas(model: ServedModel, most_rows: int) -> Json:
    fields = (*model.schema.inputs, *extra_time_input(model.schema))
    return {
        "Row": {
            "type": "object",
            "properties": {one.name: _cell(one) for one in fields},
            "required": [one.name for one in fields if not one.nullable],
            "additionalProperties": False,
        },
        "Rows": _object({"rows": _array(_ref("Row"), minItems=1, maxItems=most_rows)}, "rows"),
        "Prediction": _prediction(model),
        "Predictions": _object(
            {
                "predictions": _array(_ref("Prediction")),
                "model": {"const": model.name},
                "version": {"const": model.version},
            },
            *("predictions", "model", "version"),
        ),
        **_tensors(model),
        **_labels(model),
        "Error": {
            "type": "object",
            "properties": {"error": {"type": "string"}, "path": {"type": "string"}},
            "required": ["error"],
        },
    }


def _prediction(model: ServedModel) -> Json:
    properties: Json = {"prediction": _answer(model), "prediction_id": {"type": "string"}}
    required = ["prediction", "prediction_id"]
    if model.gives_probabilities:
        classes = [label_text(label) for label in model.schema.classes or ()]
        likely = {"type": "number", "minimum": 0, "maximum": 1}
        properties["probabilities"] = _object(dict.fromkeys(classes, likely), *classes)
        required.append("probabilities")
    return _object(properties, *required)


def _answer(model: ServedModel) -> Json:
    if model.schema.problem is Problem.CLASSIFICATION:
        return {"enum": list(model.schema.classes or ())}
    return {"type": "number"}


def _tensors(model: ServedModel) -> Json:
    datatypes = sorted({name for one in model.schema.inputs for name in DATATYPES[one.type]})
    tensor = _object(
        {
            "name": {"type": "string"},
            "datatype": {"enum": datatypes},
            "shape": _array({"type": "integer", "minimum": 1}, minItems=1, maxItems=2),
            "data": {"type": "array"},
            "parameters": {"type": "object"},
        },
        *("name", "datatype", "shape"),
    )
    output = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    request = {
        "id": {"type": "string"},
        "parameters": {"type": "object"},
        "inputs": _array(tensor, minItems=1),
        "outputs": _array(output),
    }
    answer = {
        "model_name": {"const": model.name},
        "model_version": {"const": model.version},
        "id": {"type": "string"},
        "outputs": {"type": "array"},
    }
    return {
        "InferRequest": {"type": "object", "properties": request, "required": ["inputs"]},
        "InferResponse": _object(answer, "model_name", "model_version", "outputs"),
    }


def _labels(model: ServedModel) -> Json:
    label = _object({"id": {"type": "string"}, "label": _answer(model)}, "id", "label")
    labels = _object({"feedback": _array(label, minItems=1)}, "feedback")
    count = {"type": "integer", "minimum": 0}
    told = _object({"outcome": {"type": "string"}, "message": {"type": "string"}}, "outcome")
    counts = dict.fromkeys(("counted", "repeated", "refused"), count)
    return {
        "Feedback": {"oneOf": [labels, label]},
        "FeedbackReply": _object({**counts, "feedback": _array(told)}, *counts, "feedback"),
    }


def _cell(one: Input) -> Json:
    cell = dict(_CELLS[one.type])
    if one.nullable:
        cell["type"] = [cell["type"], "null"]
    return cell


def _object(properties: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _array(items: Json, **bounds: int) -> Json:
    return {"type": "array", "items": items, **bounds}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
