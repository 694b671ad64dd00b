"""From requests for predictions to responses: all requests of a batch go into one call."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from functools import partial
from http import HTTPStatus
from secrets import compare_digest
from typing import Final, Generic

from perennial.artifacts.answers import Answers
from perennial_serving.endpoints.batching import Batcher, PendingRequest
from perennial_serving.endpoints.formats import A, Format
from perennial_serving.endpoints.offload import Offload
from perennial_serving.endpoints.prediction_service import (
    PredictionService,
    compressed,
    error_response,
)
from perennial_serving.http.messages import Request, Response
from perennial_serving.readiness import Readiness
from perennial_serving.settings import REVISION_HEADER
from perennial_serving.wire.answers import Ids
from perennial_serving.wire.errors import RequestError

SELF_CHECK_HEADER: Final = "x-perennial-self-check"
"""Header with the token that marks requests of the self-check."""

_SELF_CHECK_HEADER: Final = SELF_CHECK_HEADER.encode()
_REVISION_HEADER: Final = REVISION_HEADER.encode()


class Counted(Enum):
    """What is counted of a request."""

    EVERYTHING = 0
    """Rows, predictions and the request; its predictions have ids, so that labels count, too."""
    EXPLICITLY = 1
    """The request alone, apart from others, because it names its revision."""
    NOTHING = 2
    """It belongs to the self-check."""


class PredictEndpoint(Generic[A]):
    """The endpoint of one request format."""

    def __init__(
        self, predictions: PredictionService, form: Format[A], readiness: Readiness
    ) -> None:
        self._predictions = predictions
        self._format = form
        self._readiness = readiness
        self._batcher = Batcher[A](self._process)
        self._offload = Offload(self._answer_group)

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Return the response to any request, valid or not."""
        if _SELF_CHECK_HEADER in request.headers and self._is_self_check(request):
            if self._predictions.runs_in_loop:
                return self._answer_alone(request, Counted.NOTHING)
            return asyncio.to_thread(self._answer_alone, request, Counted.NOTHING)
        is_explicit = _REVISION_HEADER in request.headers
        counted = Counted.EXPLICITLY if is_explicit else Counted.EVERYTHING
        if not self._readiness.verified:
            unverified = RequestError("not verified yet", status=HTTPStatus.SERVICE_UNAVAILABLE)
            return self._rejected(request, unverified, counted)
        if counted is Counted.EXPLICITLY or self._predictions.is_long(request):
            return asyncio.to_thread(self._answer_alone, request, counted)
        return self._batcher.add(request)

    def _is_self_check(self, request: Request) -> bool:
        token = request.headers.get(_SELF_CHECK_HEADER, b"")
        return compare_digest(token, self._readiness.self_check_token.encode())

    def _rejected(
        self, request: Request, error: Exception, counted: Counted = Counted.EVERYTHING
    ) -> Response:
        response = error_response(request, error)
        self._count([request], [response], counted)
        return response

    def _count(
        self, requests: Sequence[Request], responses: Sequence[Response], counted: Counted
    ) -> None:
        match counted:
            case Counted.EVERYTHING:
                self._predictions.count(requests, responses)
            case Counted.EXPLICITLY:
                for response in responses:
                    self._predictions.count_explicit(response)
            case Counted.NOTHING:
                pass

    def _answer_alone(self, request: Request, counted: Counted) -> Response:
        """Answer a request that may be long; meant to run in a thread."""
        try:
            parsed = self._format.read(request, self._predictions.body(request))
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            return self._rejected(request, error, counted)
        return self._responses([request], [parsed], counted)[0]

    def _process(self, batch: Sequence[PendingRequest[A]]) -> int:
        """Answer the first group of a batch; return how many requests are dealt with."""
        runs_in_loop, most_rows = self._predictions.runs_in_loop, self._predictions.rows_in_loop
        group, done = self._first_group(batch, most_rows if runs_in_loop else sys.maxsize)
        if group:
            is_short = len(group) > 1 or len(_parsed(group[0]).rows) <= most_rows
            if runs_in_loop and is_short:
                self._answer_group(group)()
            else:
                self._offload.add(group)
        return done

    def _first_group(
        self, batch: Sequence[PendingRequest[A]], most_rows: int
    ) -> tuple[list[PendingRequest[A]], int]:
        """Return the first requests with at most `most_rows` together, or one longer request.

        The second value is how many requests are dealt with, including rejected ones.
        """
        group: list[PendingRequest[A]] = []
        room = most_rows
        for at, pending in enumerate(batch):
            if not self._parse(pending):
                continue
            room -= len(_parsed(pending).rows)
            if room < 0 and group:
                return group, at
            group.append(pending)
        return group, len(batch)

    def _parse(self, pending: PendingRequest[A]) -> bool:
        """Parse a request once; reject it and return False if it is invalid."""
        if pending.parsed is not None:
            return True
        request = pending.request
        try:
            pending.parsed = self._format.read(request, request.body)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            pending.respond(self._rejected(request, error))
            return False
        return True

    def _answer_group(self, group: Sequence[PendingRequest[A]]) -> Callable[[], None]:
        """Answer a group; the returned function sets the futures, in the event loop only."""
        requests = [pending.request for pending in group]
        return partial(_respond, group, self._responses(requests, list(map(_parsed, group))))

    def _responses(
        self,
        requests: Sequence[Request],
        parsed: Sequence[A],
        counted: Counted = Counted.EVERYTHING,
    ) -> Sequence[Response]:
        """Answer requests in one call; if the model rejects them, halve them to find which."""
        try:
            is_counted = counted is Counted.EVERYTHING
            answers, ids = self._predictions.answer(parsed, counted=is_counted)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            if middle := len(parsed) // 2:
                first = self._responses(requests[:middle], parsed[:middle], counted)
                last = self._responses(requests[middle:], parsed[middle:], counted)
                return [*first, *last]
            responses = [error_response(requests[0], error, parsed[0])]
        else:
            responses = self._written(requests, parsed, answers, ids)
        self._count(requests, responses, counted)
        return responses

    def _written(
        self, requests: Sequence[Request], parsed: Sequence[A], answers: Answers, ids: Ids
    ) -> list[Response]:
        try:
            return list(map(compressed, requests, self._format.write(parsed, answers, ids)))
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            return [error_response(request, error) for request in requests]


def _parsed(pending: PendingRequest[A]) -> A:
    """Return the parsed body of a request that has been parsed."""
    if pending.parsed is None:
        raise ValueError("the request has not been parsed")
    return pending.parsed


def _respond(group: Sequence[PendingRequest[A]], responses: Sequence[Response]) -> None:
    for pending, response in zip(group, responses, strict=True):
        pending.respond(response)
