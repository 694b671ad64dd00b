"""The JSON of a request of the Open Inference Protocol, except its tensors."""

import msgspec


class OutputParameters(msgspec.Struct):
    """The parameters of an output that are read; all others are ignored."""

    binary_data: bool | None = None


class Output(msgspec.Struct):
    """An output requested by name."""

    name: str
    parameters: OutputParameters | None = None


class RequestParameters(msgspec.Struct):
    """The parameters of a request that are read; all others are ignored."""

    binary_data_output: bool = False


class InferRequest(msgspec.Struct, kw_only=True):
    """All fields except the tensors; unknown fields are ignored."""

    id: str | None = None
    outputs: list[Output] | None = None
    parameters: RequestParameters | None = None
