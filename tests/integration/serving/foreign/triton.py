"""Asks with tritonclient, in every way it has; prints what came back."""

import json
import re
import sys
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

asked = json.load(sys.stdin)
model, version = asked["model"], asked["version"]
client = InferenceServerClient(asked["address"])
telling = InferenceServerClient(asked["address"], verbose=True)
"""Prints the heads of answers, which it keeps to itself otherwise."""
described = client.get_model_metadata(model, version)
types = {"FP64": np.float64, "INT64": np.int64, "BYTES": np.object_, "BOOL": np.bool_}


def tensor(name: str, datatype: str, *, binary: bool) -> InferInput:
    array = np.array(asked["columns"][name], types[datatype]).reshape(-1, 1)
    made = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def tensors(*, binary: bool) -> list[InferInput]:
    named = [(one["name"], one["datatype"]) for one in described["inputs"]]
    return [tensor(name, datatype, binary=binary) for name, datatype in named]


def plain(array: np.ndarray) -> list:
    return [one.decode() if isinstance(one, bytes) else one for one in array.tolist()]


def ask(*, binary: bool, **more) -> dict:
    with redirect_stdout(StringIO()) as told:
        result = telling.infer(model, tensors(binary=binary), **more)
    coding = re.search(r"'content-encoding': '(\w+)'", told.getvalue())
    outputs = [one["name"] for one in result.get_response()["outputs"]]
    return {
        "id": result.get_response().get("id"),
        "coding": coding and coding[1],
        **{name: plain(result.as_numpy(name)) for name in outputs},
    }


def refused() -> str:
    try:
        client.infer(model, tensors(binary=True)[:1])
    except InferenceServerException as error:
        return f"{error.status()} {error.message()}"
    return "answered"


answers = {
    "server": client.get_server_metadata(),
    "model": described,
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "model ready": client.is_model_ready(model, version),
    "other ready": client.is_model_ready("other"),
    "refused": refused(),
    "answers": {
        "binary": ask(binary=True, request_id="42"),
        "binary at its version": ask(binary=True, model_version=version),
        "json": ask(
            binary=False,
            outputs=[
                InferRequestedOutput("predict", binary_data=False),
                InferRequestedOutput("predict_proba", binary_data=False),
            ],
        ),
        "mixed": ask(
            binary=True,
            outputs=[
                InferRequestedOutput("predict_proba", binary_data=True),
                InferRequestedOutput("predict", binary_data=False),
            ],
        ),
        **{
            f"binary in {coding}": ask(
                binary=True,
                request_compression_algorithm=coding,
                response_compression_algorithm=coding,
            )
            for coding in ("gzip", "deflate")
        },
        "json in gzip": ask(binary=False, request_compression_algorithm="gzip"),
    },
}
json.dump(answers, sys.stdout)
