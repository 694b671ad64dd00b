"""The two request formats: rows as JSON objects, and tensors."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final, Protocol, TypeVar

from perennial.artifacts.answers import Answers
from perennial_serving.endpoints.descriptions import outputs_of
from perennial_serving.http.messages import JSON, Request, Response
from perennial_serving.model.served import ServedModel
from perennial_serving.wire.answers import Ids, PredictionsWriter, TensorsWriter
from perennial_serving.wire.binary import HEADER_LENGTH
from perennial_serving.wire.cell_types import ParsedRows
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.inference import Inference, TensorsReader
from perennial_serving.wire.rows import RowsReader

A = TypeVar("A", bound=ParsedRows)

_OCTETS: Final = "application/octet-stream"
_HEADER_LENGTH: Final = HEADER_LENGTH.encode()
_READ_AS_JSON: Final = frozenset(
    {
        *(None, b"application/json", b"text/json", b""),
        b"application/x-www-form-urlencoded",  # the default of `curl -d`
    }
)


class Format(Protocol[A]):
    """Reads rows from requests and writes answers as responses."""

    def read(self, request: Request, body: bytes) -> A:
        """Parse a request, or raise a RequestError."""

    def write(self, requests: Sequence[A], answers: Answers, ids: Ids) -> Iterable[Response]:
        """Yield one response per request, given the answers to the rows of all."""


class RowsFormat:
    """`POST /predict`."""

    def __init__(self, model: ServedModel, most_rows: int) -> None:
        self._reader = RowsReader(model.schema, most_rows)
        self._writer = PredictionsWriter(model.schema, model.name, model.version)

    def read(self, request: Request, body: bytes) -> ParsedRows:
        """Parse the rows."""
        check_is_json(request)
        return self._reader.read(body)

    def write(
        self, requests: Sequence[ParsedRows], answers: Answers, ids: Ids
    ) -> Iterable[Response]:
        """Write one object per row."""
        rows = [len(request.rows) for request in requests]
        for body, answered in zip(self._writer.write(rows, answers, ids), rows, strict=True):
            yield Response(body, rows=answered)


class TensorsFormat:
    """`POST /v2/models/NAME/infer`."""

    def __init__(self, model: ServedModel, most_rows: int) -> None:
        self._reader = TensorsReader(model.schema, tuple(outputs_of(model)), most_rows)
        self._writer = TensorsWriter(model.schema, model.name, model.version)

    def read(self, request: Request, body: bytes) -> Inference:
        """Parse the rows and the requested outputs."""
        length = request.headers.get(_HEADER_LENGTH)
        if length is not None:
            return self._reader.read(body, _whole_number(length))
        check_is_json(request)
        return self._reader.read(body)

    def write(
        self, requests: Sequence[Inference], answers: Answers, ids: Ids
    ) -> Iterable[Response]:
        """Write one tensor per output."""
        written = self._writer.write(requests, answers, ids)
        for (body, json_bytes), request in zip(written, requests, strict=True):
            if json_bytes is None:
                yield Response(body, rows=len(request.rows))
            else:
                headers = ((HEADER_LENGTH, str(json_bytes)),)
                yield Response(body, content_type=_OCTETS, headers=headers, rows=len(request.rows))


def check_is_json(request: Request) -> None:
    """Reject a body whose content type is not a form of JSON."""
    content_type = request.headers.get(b"content-type")
    if content_type in _READ_AS_JSON:
        return
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    if media_type not in _READ_AS_JSON and not media_type.endswith(b"+json"):
        error = f"send {JSON} rather than {media_type.decode('latin-1')}"
        raise RequestError(error, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _whole_number(text: bytes) -> int:
    if not text.isdigit() or len(text) > len(str(1 << 63)):
        raise RequestError(f"{HEADER_LENGTH} is not a whole number")
    return int(text)
