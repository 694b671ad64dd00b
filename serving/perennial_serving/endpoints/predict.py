"""From requests for predictions to their answers: all that come in one turn go in one call."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from secrets import compare_digest
from typing import Final, Generic

from perennial.artifacts.answers import Answers
from perennial_serving.endpoints.batching import Turn, Waiting
from perennial_serving.endpoints.formats import A, Format
from perennial_serving.endpoints.offload import Beside
from perennial_serving.endpoints.prediction_service import Answering, packed, refused
from perennial_serving.http.messages import Request, Response
from perennial_serving.readiness import Lifecycle
from perennial_serving.wire.answers import Ids
from perennial_serving.wire.errors import Refusal

OWN_CHECK: Final = "x-perennial-self-check"
"""Header by which the server's check of itself proves that it is no caller."""

_OWN_CHECK: Final = OWN_CHECK.encode()


class Predicting(Generic[A]):
    """One way of asking for predictions."""

    def __init__(self, answering: Answering, form: Format[A], lifecycle: Lifecycle) -> None:
        """Answer in this form."""
        self._answering = answering
        self._form = form
        self._lifecycle = lifecycle
        self._turn = Turn[A](self._take)
        self._beside = Beside(self._answered)

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request, whatever is wrong with it."""
        if _OWN_CHECK in request.headers and self._is_own_check(request):
            if self._answering.is_quick:
                return self._answer_alone(request, counted=False)
            return asyncio.to_thread(self._answer_alone, request, counted=False)
        if not self._lifecycle.verified:
            unverified = Refusal("not verified yet", status=HTTPStatus.SERVICE_UNAVAILABLE)
            response = refused(request, unverified)
            self._answering.count([request], [response])
            return response
        if self._answering.is_long(request):
            return asyncio.to_thread(self._answer_alone, request)
        return self._turn.add(request)

    def _is_own_check(self, request: Request) -> bool:
        shown = request.headers.get(_OWN_CHECK, b"")
        return compare_digest(shown, self._lifecycle.pass_phrase.encode())

    def _answer_alone(self, request: Request, *, counted: bool = True) -> Response:
        """Answer a request that may be long; meant for a thread."""
        try:
            asked = self._form.read(request, self._answering.body(request))
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            response = refused(request, error)
            if counted:
                self._answering.count([request], [response])
            return response
        return self._responses([request], [asked], counted=counted)[0]

    def _take(self, arrived: Sequence[Waiting[A]]) -> int:
        """Answer the first of them, beside the event loop what is not quick; say how many."""
        is_quick, most = self._answering.is_quick, self._answering.rows_at_once
        group, taken = self._group(arrived, most if is_quick else sys.maxsize)
        if group:
            is_short = len(group) > 1 or len(_asked(group[0]).rows) <= most
            if is_quick and is_short:
                self._answered(group)()
            else:
                self._beside.add(group)
        return taken

    def _group(self, arrived: Sequence[Waiting[A]], most_rows: int) -> tuple[list[Waiting[A]], int]:
        """Return the first that bring no more rows than that together, or one of more rows.

        With them comes how many were dealt with, those included that are refused already.
        """
        group: list[Waiting[A]] = []
        room = most_rows
        for place, waiting in enumerate(arrived):
            if not self._is_read(waiting):
                continue
            room -= len(_asked(waiting).rows)
            if room < 0 and group:
                return group, place
            group.append(waiting)
        return group, len(arrived)

    def _is_read(self, waiting: Waiting[A]) -> bool:
        """Read a request unless it is read; refuse what cannot be."""
        if waiting.asked is not None:
            return True
        request = waiting.request
        try:
            waiting.asked = self._form.read(request, request.body)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            response = refused(request, error)
            self._answering.count([request], [response])
            waiting.answer(response)
            return False
        return True

    def _answered(self, group: Sequence[Waiting[A]]) -> Callable[[], None]:
        """Answer a group, and return what tells the callers: only the event loop may."""
        requests = [waiting.request for waiting in group]
        return partial(_tell, group, self._responses(requests, list(map(_asked, group))))

    def _responses(
        self, requests: Sequence[Request], asked: Sequence[A], *, counted: bool = True
    ) -> Sequence[Response]:
        """Answer some requests; where one of many is refused, halves find out which."""
        try:
            answers, ids = self._answering.answer(asked, counted=counted)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            if middle := len(asked) // 2:
                first = self._responses(requests[:middle], asked[:middle], counted=counted)
                last = self._responses(requests[middle:], asked[middle:], counted=counted)
                return [*first, *last]
            responses = [refused(requests[0], error, asked[0])]
        else:
            responses = self._written(requests, asked, answers, ids)
        if counted:
            self._answering.count(requests, responses)
        return responses

    def _written(
        self, requests: Sequence[Request], asked: Sequence[A], answers: Answers, ids: Ids
    ) -> list[Response]:
        try:
            return list(map(packed, requests, self._form.write(asked, answers, ids)))
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            return [refused(request, error) for request in requests]


def _asked(waiting: Waiting[A]) -> A:
    """Return what a request asks that was read."""
    if waiting.asked is None:
        raise ValueError("a request was taken before it was read")
    return waiting.asked


def _tell(waiting: Sequence[Waiting[A]], responses: Sequence[Response]) -> None:
    for one, response in zip(waiting, responses, strict=True):
        one.answer(response)
