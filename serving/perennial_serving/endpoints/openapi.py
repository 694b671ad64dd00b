"""`GET /openapi.json`: the paths of the API of one model."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from perennial_serving.endpoints.descriptions import Json, example_row, release
from perennial_serving.endpoints.schemas import reference, schemas
from perennial_serving.http.messages import JSON
from perennial_serving.model.served import ServedModel

_OCTETS: Final = "application/octet-stream"
_CLIENT_ERRORS: Final = {
    HTTPStatus.BAD_REQUEST: "Malformed JSON, a wrong type, an unknown or missing column, no rows",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "A body that is too long, or too many rows",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "An unsupported content type or compression",
    HTTPStatus.MISDIRECTED_REQUEST: "The header x-perennial-revision names another revision",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Rows that the model or the contract rejects",
    HTTPStatus.SERVICE_UNAVAILABLE: "The self-check has not passed yet",
}


def openapi(model: ServedModel, most_rows: int) -> Json:
    """Return the OpenAPI 3.1 description of the API."""
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
            "/metrics": {"get": _get("scrape", "Metrics for Prometheus", {"text/plain": _TEXT})},
            "/openapi.json": {"get": _get("describe", "This description", {JSON: _OBJECT})},
            "/": {"get": _get("introduce", "What is served", {JSON: _OBJECT, "text/html": _TEXT})},
        },
        "components": {"schemas": schemas(model, most_rows)},
    }


_OBJECT: Final[Json] = {"schema": {"type": "object"}}
_TEXT: Final[Json] = {"schema": {"type": "string"}}


def _protocol(model: ServedModel) -> Json:
    """Describe the paths of the Open Inference Protocol, with and without the version."""
    ready = {HTTPStatus.SERVICE_UNAVAILABLE: "Not ready"}
    paths: Json = {
        "/v2": {"get": _get("serverMetadata", "Server metadata", {JSON: _OBJECT})},
        "/v2/health/live": {"get": _get("live", "The process runs", {JSON: _OBJECT})},
        "/v2/health/ready": {"get": _get("ready", "The model is ready", {JSON: _OBJECT}, ready)},
    }
    for suffix, at in model_paths(model):
        paths[at] = {"get": _get(f"modelMetadata{suffix}", "Model metadata", {JSON: _OBJECT})}
        paths[f"{at}/ready"] = {
            "get": _get(f"modelReady{suffix}", "The model is ready", {JSON: _OBJECT}, ready)
        }
        paths[f"{at}/infer"] = {"post": _infer(f"infer{suffix}")}
    return paths


def model_paths(model: ServedModel) -> Sequence[tuple[str, str]]:
    """Return the protocol's two paths of the model: by name, and by version."""
    by_name = f"/v2/models/{model.name}"
    return (("", by_name), ("OfVersion", f"{by_name}/versions/{model.version}"))


def _predict(model: ServedModel) -> Json:
    return _post(
        "predict",
        "Predict rows",
        {
            JSON: {
                "schema": reference("Rows"),
                "example": {"rows": [example_row(model.schema.inputs)]},
            }
        },
        {JSON: {"schema": reference("Predictions")}},
    )


def _infer(operation: str) -> Json:
    return _post(
        operation,
        "Predict tensors",
        {JSON: {"schema": reference("InferRequest")}, _OCTETS: _TEXT},
        {JSON: {"schema": reference("InferResponse")}, _OCTETS: _TEXT},
    )


def _feedback() -> Json:
    reply = {JSON: {"schema": reference("FeedbackReply")}}
    operation = _post(
        "feedback",
        "Send the true labels of predictions",
        {JSON: {"schema": reference("Feedback")}},
        reply,
    )
    operation["responses"]["422"] = {"description": "No label was counted", "content": reply}
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
        "responses": {
            "200": {"description": summary, "content": content},
            **_errors(_CLIENT_ERRORS),
        },
    }


def _errors(errors: Mapping[HTTPStatus, str]) -> Json:
    content = {JSON: {"schema": reference("Error")}}
    return {
        str(status.value): {"description": why, "content": content}
        for status, why in errors.items()
    }
