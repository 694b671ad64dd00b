"""The two ways of asking for predictions: rows as objects, and tensors."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final, Protocol, TypeVar

from perennial.artifacts.answers import Answers
from perennial_serving.endpoints.descriptions import outputs_of
from perennial_serving.http.messages import JSON, Request, Response
from perennial_serving.model.served import ServedModel
from perennial_serving.wire.answers import Ids, PredictionsWriter, TensorsWriter
from perennial_serving.wire.binary import HEADER_LENGTH
from perennial_serving.wire.cell_types import Asked
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.inference import Inference, TensorsReader
from perennial_serving.wire.rows import RowsReader

A = TypeVar("A", bound=Asked)

_OCTETS: Final = "application/octet-stream"
_HEADER_LENGTH: Final = HEADER_LENGTH.encode()
_READ_AS_JSON: Final = frozenset(
    {
        *(None, b"application/json", b"text/json", b""),
        b"application/x-www-form-urlencoded",  # what `curl -d` says unless told otherwise
    }
)


class Format(Protocol[A]):
    """How rows come and answers go."""

    def read(self, request: Request, body: bytes) -> A:
        """Return what is asked, or refuse it."""

    def write(self, asked: Sequence[A], answers: Answers, ids: Ids) -> Iterable[Response]:
        """Yield what answers each request, from the answers to the rows of all."""


class RowsFormat:
    """`POST /predict`."""

    def __init__(self, model: ServedModel, most_rows: int) -> None:
        """Prepare for the columns of a model."""
        self._reader = RowsReader(model.schema, most_rows)
        self._writer = PredictionsWriter(model.schema, model.name, model.version)

    def read(self, request: Request, body: bytes) -> Asked:
        """Return the rows."""
        check_is_json(request)
        return self._reader.read(body)

    def write(self, asked: Sequence[Asked], answers: Answers, ids: Ids) -> Iterable[Response]:
        """Yield one object for each row."""
        rows = [len(one.rows) for one in asked]
        for body, answered in zip(self._writer.write(rows, answers, ids), rows, strict=True):
            yield Response(body, rows=answered)


class TensorsFormat:
    """`POST /v2/models/NAME/infer`."""

    def __init__(self, model: ServedModel, most_rows: int) -> None:
        """Prepare for the columns of a model."""
        self._reader = TensorsReader(model.schema, tuple(outputs_of(model)), most_rows)
        self._writer = TensorsWriter(model.schema, model.name, model.version)

    def read(self, request: Request, body: bytes) -> Inference:
        """Return the rows and how their answer is wanted."""
        length = request.headers.get(_HEADER_LENGTH)
        if length is not None:
            return self._reader.read(body, _whole_number(length))
        check_is_json(request)
        return self._reader.read(body)

    def write(self, asked: Sequence[Inference], answers: Answers, ids: Ids) -> Iterable[Response]:
        """Yield one tensor for each output."""
        written = self._writer.write(asked, answers, ids)
        for (body, json_bytes), one in zip(written, asked, strict=True):
            if json_bytes is None:
                yield Response(body, rows=len(one.rows))
            else:
                headers = ((HEADER_LENGTH, str(json_bytes)),)
                yield Response(body, content_type=_OCTETS, headers=headers, rows=len(one.rows))


def check_is_json(request: Request) -> None:
    """Refuse a body that is not meant as JSON, however its type is spelled."""
    content_type = request.headers.get(b"content-type")
    if content_type in _READ_AS_JSON:
        return
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    if media_type not in _READ_AS_JSON and not media_type.endswith(b"+json"):
        error = f"send {JSON} rather than {media_type.decode('latin-1')}"
        raise Refusal(error, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _whole_number(text: bytes) -> int:
    if not text.isdigit() or len(text) > len(str(1 << 63)):
        raise Refusal(f"{HEADER_LENGTH} is not a whole number")
    return int(text)
