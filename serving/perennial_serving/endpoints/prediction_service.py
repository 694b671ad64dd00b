"""The format-independent part of predictions: predict, count, issue ids, report errors."""

import logging
import time
from collections.abc import Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Final

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
from perennial_serving.counters.count import EXPLICIT
from perennial_serving.counters.counters import Counters, Times
from perennial_serving.endpoints.prediction_id import Signer
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.model.batch import Batch
from perennial_serving.model.contract import Contract
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.served import ServedModel
from perennial_serving.settings import Limits
from perennial_serving.wire import compression
from perennial_serving.wire.answers import Ids
from perennial_serving.wire.cell_types import ParsedRows, check_bulk
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.to_batch import BatchBuilder

log = logging.getLogger(__name__)

_IN_LOOP_SECONDS: Final = 0.002
_IN_LOOP_BYTES: Final = 32 << 10
_ROWS_IN_LOOP_UNMEASURED: Final = 64


class PredictionService:
    """The model with its counters, signer and limits; thread-safe.

    With a contract, rows outside it are rejected.
    """

    def __init__(
        self,
        model: ServedModel,
        counters: Counters,
        signer: Signer,
        limits: Limits,
        contract: Contract | None,
    ) -> None:
        self._predictor = model.predictor
        self._batches = BatchBuilder(model.schema)
        self._counters = counters
        self._signer = signer
        self._limits = limits
        self._inputs = len(model.schema.inputs)
        self._short_bytes = min(_IN_LOOP_BYTES, limits.body_bytes)
        self._contract = contract
        self.runs_in_loop: Final = model.predictor.tier is Tier.COMPILED
        """Whether short batches run in the event loop; scikit-learn would block it."""
        self.rows_in_loop = _ROWS_IN_LOOP_UNMEASURED
        """Largest number of rows that may run in the event loop."""

    def set_row_cost(self, microseconds_per_row: float) -> None:
        """Set the time per row: work of more than 2 ms leaves the event loop."""
        self.rows_in_loop = max(1, int(_IN_LOOP_SECONDS * 1e6 / microseconds_per_row))

    def is_long(self, request: Request) -> bool:
        """Whether reading the body takes long, or an unknown time."""
        return len(request.body) > self._short_bytes or b"content-encoding" in request.headers

    def body(self, request: Request) -> bytes:
        """Return the decompressed body; raise a RequestError if it is too large."""
        body, most = request.body, self._limits.body_bytes
        if len(body) > most:
            error = f"a body may have {most} bytes: send the rows in several requests"
            raise RequestError(error, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        coding = request.headers.get(b"content-encoding")
        if coding is not None and coding != b"identity":
            body = compression.decompressed(body, coding.decode("latin-1").lower(), most)
        check_bulk(body, self._limits.rows, self._inputs)
        return body

    def answer(
        self, requests: Sequence[ParsedRows], *, counted: bool = True
    ) -> tuple[Answers, Ids]:
        """Predict the rows of several requests as one batch; raise for the first rejected row."""
        batch, times = self._batches.build(requests)
        if self._contract is not None:
            self._contract.check(batch)
        answers = self._predictor.answer(batch)
        return answers, self._record(batch, answers, times) if counted else None

    def count(self, requests: Sequence[Request], responses: Sequence[Response]) -> None:
        """Count requests by their outcome."""
        now = perf_counter()
        self._counters.requests(
            [
                (response.status, response.rows, now - request.arrived)
                for request, response in zip(requests, responses, strict=True)
            ]
        )

    def count_explicit(self, response: Response) -> None:
        """Count a request that names its revision by its outcome alone."""
        self._counters.request(EXPLICIT + response.status, rows=0, seconds=0.0)

    def _record(self, batch: Batch, answers: Answers, times: Times | None) -> Ids:
        """Count the rows, and return one prediction id per row."""
        now = time.time()
        scores = self._counters.rows(batch, answers, now, times)
        return self._signer.issue(scores, now)


def compressed(request: Request, response: Response) -> Response:
    """Compress a response if it is large and the client accepts a supported coding."""
    if len(response.body) < compression.WORTH_COMPRESSING_BYTES:
        return response
    preferred_coding = request.headers.get(b"accept-encoding", b"").decode("latin-1")
    if (coding := compression.preferred_coding(preferred_coding)) is None:
        return response
    response.body = compression.compressed(response.body, coding)
    response.headers += (("content-encoding", coding), ("vary", "accept-encoding"))
    return response


def error_response(
    request: Request, error: Exception, parsed: ParsedRows | None = None
) -> Response:
    """Return the response to an error; details of internal errors are only logged."""
    rows = 0 if parsed is None else len(parsed.rows)
    if isinstance(error, RowRefusedError) and parsed is not None:
        error = _row_error(error, parsed)
    if isinstance(error, RequestError):
        path = {} if error.path is None else {"path": error.path}
        response = as_json({"error": error.error, **path}, error.status, error.headers)
    else:
        log.error("request %s failed", request.id, exc_info=error)
        message = f"the server failed; its log says why under {request.id}"
        response = as_json({"error": message}, HTTPStatus.INTERNAL_SERVER_ERROR)
    response.rows = rows
    return response


def _row_error(error: RowRefusedError, parsed: ParsedRows) -> RequestError:
    message = error.message if error.column else f"row {error.row}: {error.message}"
    path = parsed.path_of(error.row, error.column)
    return RequestError(message, path, status=HTTPStatus.UNPROCESSABLE_ENTITY)
