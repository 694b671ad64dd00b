"""Makes requests and reads answers with the codecs of mlserver, which has no client of its own."""

import json
import sys
from http.client import HTTPConnection

import numpy as np
import pandas as pd
from mlserver.codecs import NumpyCodec, PandasCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

asked = json.load(sys.stdin)
columns = asked["columns"]


def post(request: InferenceRequest) -> InferenceResponse:
    connection = HTTPConnection(asked["address"], timeout=30)
    path = f"/v2/models/{asked['model']}/infer"
    headers = {"content-type": "application/json"}
    connection.request("POST", path, request.model_dump_json(exclude_none=True), headers)
    return InferenceResponse.model_validate_json(connection.getresponse().read())


def matching(response: InferenceResponse) -> dict:
    return {one.name: one.data.root for one in response.outputs}


frame = PandasCodec.encode_request(pd.DataFrame(columns), use_bytes=False)
answered = post(frame)
tensors = [
    StringCodec.encode_input(name, values, use_bytes=False)
    if isinstance(values[0], str)
    else NumpyCodec.encode_input(name, np.array(values))
    for name, values in columns.items()
]
read = {
    one.name: NumpyCodec.decode_output(one).ravel().tolist()
    for one in answered.outputs
    if one.datatype != "BYTES"
}
json.dump(
    {
        "answers": {
            "pandas": matching(answered),
            "tensors": matching(post(InferenceRequest(inputs=tensors))),
        },
        "decoded": read,
        "frame": PandasCodec.decode_request(frame).shape,
    },
    sys.stdout,
)
