"""The JSON schemas of one model's requests and responses, with its columns and classes.

Schemas of requests that msgspec decodes are written by msgspec. The others are written here: those
of data that is decoded later, and of unions of objects.
"""

from typing import Annotated, Any

import msgspec

from perennial.api.problem import Problem
from perennial.artifacts.model_schema import label_text
from perennial_serving.endpoints.descriptions import Json
from perennial_serving.endpoints.feedback import LabelRequest
from perennial_serving.model.served import ServedModel
from perennial_serving.wire.datatypes import DATATYPES
from perennial_serving.wire.rows import documented_rows

_TEMPLATE = "#/components/schemas/{name}"


def reference(name: str) -> Json:
    """Return a reference to a schema."""
    return {"$ref": _TEMPLATE.format(name=name)}


def schemas(model: ServedModel, most_rows: int) -> Json:
    """Return all schemas by name."""
    requests = [documented_rows(model.schema, most_rows), *_label_types(model)]
    _, decoded = msgspec.json.schema_components(requests, ref_template=_TEMPLATE)
    return {
        **decoded,
        "Prediction": _prediction(model),
        "Predictions": _object(
            {
                "predictions": _array(reference("Prediction")),
                "model": {"const": model.name},
                "version": {"const": model.version},
            },
            *("predictions", "model", "version"),
        ),
        **_tensors(model),
        "Feedback": {"oneOf": [reference("Labels"), reference("Label")]},
        "FeedbackReply": _feedback_reply(),
        "Error": {
            "type": "object",
            "properties": {"error": {"type": "string"}, "path": {"type": "string"}},
            "required": ["error"],
        },
    }


def _label_types(model: ServedModel) -> tuple[Any, Any]:
    """Return the types of one label and of several, limited to the labels of the model."""
    value: Any = Annotated[Any, msgspec.Meta(extra_json_schema=_answer(model))]
    label: Any = msgspec.defstruct(
        "Label", [("label", value)], bases=(LabelRequest,), forbid_unknown_fields=True
    )
    several: Any = Annotated[list[label], msgspec.Meta(min_length=1)]
    labels = msgspec.defstruct("Labels", [("feedback", several)], forbid_unknown_fields=True)
    return label, labels


def _prediction(model: ServedModel) -> Json:
    properties: Json = {"prediction": _answer(model), "prediction_id": {"type": "string"}}
    required = ["prediction", "prediction_id"]
    if model.gives_probabilities:
        classes = [label_text(label) for label in model.schema.classes or ()]
        probability = {"type": "number", "minimum": 0, "maximum": 1}
        properties["probabilities"] = _object(dict.fromkeys(classes, probability), *classes)
        required.append("probabilities")
    return _object(properties, *required)


def _answer(model: ServedModel) -> Json:
    if model.schema.problem is Problem.CLASSIFICATION:
        return {"enum": list(model.schema.classes or ())}
    return {"type": "number"}


def _tensors(model: ServedModel) -> Json:
    datatypes = sorted({name for column in model.schema.inputs for name in DATATYPES[column.type]})
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


def _feedback_reply() -> Json:
    count = {"type": "integer", "minimum": 0}
    entry = _object({"outcome": {"type": "string"}, "message": {"type": "string"}}, "outcome")
    counts = dict.fromkeys(("counted", "repeated", "refused"), count)
    return _object({**counts, "feedback": _array(entry)}, *counts, "feedback")


def _object(properties: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _array(items: Json, **bounds: int) -> Json:
    return {"type": "array", "items": items, **bounds}
