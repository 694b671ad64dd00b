"""What is alike for every request for predictions, however its rows came: count, name, refuse."""

import logging
import time
from collections.abc import Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Final

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
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
from perennial_serving.wire.cell_types import Asked, check_bulk
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.to_batch import Intake

log = logging.getLogger(__name__)

_AT_ONCE_SECONDS: Final = 0.002
_AT_ONCE_BYTES: Final = 32 << 10
_ROWS_AT_ONCE_UNMEASURED: Final = 64


class Answering:
    """The model with all that goes with its answers; safe to be used from several threads."""

    def __init__(
        self,
        model: ServedModel,
        counters: Counters,
        signer: Signer,
        limits: Limits,
        contract: Contract | None,
    ) -> None:
        """Rows outside of a contract are refused if one is given."""
        self._predictor = model.predictor
        self._intake = Intake(model.schema)
        self._counters = counters
        self._signer = signer
        self._limits = limits
        self._inputs = len(model.schema.inputs)
        self._short = min(_AT_ONCE_BYTES, limits.body_bytes)
        self._contract = contract
        self.is_quick: Final = model.predictor.tier is Tier.COMPILED
        """Whether few rows are answered in the event loop; scikit-learn would hold it up."""
        self.rows_at_once = _ROWS_AT_ONCE_UNMEASURED
        """How many rows are few."""

    def expect(self, microseconds_per_row: float) -> None:
        """Learn what a row takes: longer work than 2 ms is done beside the event loop."""
        self.rows_at_once = max(1, int(_AT_ONCE_SECONDS * 1e6 / microseconds_per_row))

    def is_long(self, request: Request) -> bool:
        """Whether reading the body takes long, or none can tell how long."""
        return len(request.body) > self._short or b"content-encoding" in request.headers

    def body(self, request: Request) -> bytes:
        """Return the body as it was before it was compressed, unless it brings too much."""
        body, most = request.body, self._limits.body_bytes
        if len(body) > most:
            error = f"a body may have {most} bytes: send the rows in several requests"
            raise Refusal(error, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        coding = request.headers.get(b"content-encoding")
        if coding is not None and coding != b"identity":
            body = compression.unpacked(body, coding.decode("latin-1").lower(), most)
        check_bulk(body, self._limits.rows, self._inputs)
        return body

    def answer(self, asked: Sequence[Asked], *, counted: bool = True) -> tuple[Answers, Ids]:
        """Answer the rows of several requests as one batch, or refuse the first that has to be."""
        batch, times = self._intake.take(asked)
        if self._contract is not None:
            self._contract.check(batch)
        answers = self._predictor.answer(batch)
        return answers, self._record(batch, answers, times) if counted else None

    def count(self, requests: Sequence[Request], responses: Sequence[Response]) -> None:
        """Count requests by what became of them."""
        now = perf_counter()
        self._counters.requests(
            [
                (response.status, response.rows, now - request.arrived)
                for request, response in zip(requests, responses, strict=True)
            ]
        )

    def _record(self, batch: Batch, answers: Answers, times: Times | None) -> Ids:
        """Count the rows, and return the name of each prediction."""
        now = time.time()
        grades = self._counters.rows(batch, answers, now, times)
        return self._signer.issue(grades, now)


def packed(request: Request, response: Response) -> Response:
    """Return a response, compressed if it is large and its caller likes that."""
    if len(response.body) < compression.WORTH_COMPRESSING_BYTES:
        return response
    accepted = request.headers.get(b"accept-encoding", b"").decode("latin-1")
    if (coding := compression.accepted(accepted)) is None:
        return response
    response.body = compression.packed(response.body, coding)
    response.headers += (("content-encoding", coding), ("vary", "accept-encoding"))
    return response


def refused(request: Request, error: Exception, asked: Asked | None = None) -> Response:
    """Turn a refusal into its response, and a fault of ours into one that tells no more."""
    rows = 0 if asked is None else len(asked.rows)
    if isinstance(error, RowRefusedError) and asked is not None:
        error = _refusal_of_row(error, asked)
    if isinstance(error, Refusal):
        place = {} if error.path is None else {"path": error.path}
        response = as_json({"error": error.error, **place}, error.status, error.headers)
    else:
        log.error("request %s failed", request.id, exc_info=error)
        words = f"the server failed; its log says why under {request.id}"
        response = as_json({"error": words}, HTTPStatus.INTERNAL_SERVER_ERROR)
    response.rows = rows
    return response


def _refusal_of_row(error: RowRefusedError, asked: Asked) -> Refusal:
    words = error.message if error.column else f"row {error.row}: {error.message}"
    path = asked.place(error.row, error.column)
    return Refusal(words, path, status=HTTPStatus.UNPROCESSABLE_ENTITY)
