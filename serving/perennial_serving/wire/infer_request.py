"""The JSON of a request of the Open Inference Protocol, but for its tensors."""

import msgspec


class OutputParameters(msgspec.Struct):
    """How one output is wanted; all else is left alone."""

    binary_data: bool | None = None


class Output(msgspec.Struct):
    """An output that the caller asks for by name."""

    name: str
    parameters: OutputParameters | None = None


class RequestParameters(msgspec.Struct):
    """How the request is meant; all else is left alone."""

    binary_data_output: bool = False


class InferRequest(msgspec.Struct, kw_only=True):
    """What is said beside the tensors; what newer clients add is left alone."""

    id: str | None = None
    outputs: list[Output] | None = None
    parameters: RequestParameters | None = None
