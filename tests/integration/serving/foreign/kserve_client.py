"""Asks with KServe's InferenceRESTClient, in JSON and in binary; prints what came back."""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceRESTClient, RESTConfig

asked = json.load(sys.stdin)
url, model = f"http://{asked['address']}", asked["model"]
types = {"dep_delay": np.float64, "distance": np.int64, "weekend": np.bool_}
datatypes = {np.float64: "FP64", np.int64: "INT64", np.bool_: "BOOL", np.object_: "BYTES"}


def tensor(name: str, values: list, *, binary: bool) -> InferInput:
    kind = types.get(name, np.object_)
    array = np.array(values, kind)
    made = InferInput(name, list(array.shape), datatypes[kind])
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def request(*, binary: bool, outputs: bool) -> InferRequest:
    tensors = [tensor(name, one, binary=binary) for name, one in asked["columns"].items()]
    parameters = {"binary_data_output": outputs}
    return InferRequest(model, tensors, request_id="42", parameters=parameters)


class Watched(httpx.AsyncHTTPTransport):
    """Remembers how the last answer was compressed."""

    coding: str | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.coding = response.headers.get("content-encoding")
        return response


async def main() -> dict:
    transport = Watched()
    async with InferenceRESTClient(RESTConfig(transport=transport, protocol="v2")) as client:

        async def ask(*, binary: bool, outputs: bool) -> dict:
            sent = request(binary=binary, outputs=outputs)
            response = await client.infer(url, sent, model_name=model)
            named = {one.name: one.as_numpy().ravel().tolist() for one in response.outputs}
            spelled = {
                name: [one.decode() if isinstance(one, bytes) else one for one in values]
                for name, values in named.items()
            }
            return {"id": response.id, "coding": transport.coding, **spelled}

        async def refused() -> str:
            try:
                await client.infer(url, {"inputs": []}, model_name=model)
            except httpx.HTTPStatusError as error:
                return str(error)
            return "answered"

        return {
            "live": await client.is_server_live(url),
            "ready": await client.is_server_ready(url),
            "model ready": await client.is_model_ready(url, model),
            "other ready": await client.is_model_ready(url, "other"),
            "refused": await refused(),
            "answers": {
                f"{form} in, {back} out": await ask(
                    binary=form == "binary", outputs=back == "binary"
                )
                for form in ("binary", "json")
                for back in ("binary", "json")
            },
        }


json.dump(asyncio.run(main()), sys.stdout)
