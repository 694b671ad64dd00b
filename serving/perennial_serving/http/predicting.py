"""From requests for predictions to their answers: all that come in one turn go in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from secrets import compare_digest
from typing import Final, Generic

import msgspec

from perennial.artifacts.answers import Answers
from perennial_serving.http.answering import Answering, packed, refused
from perennial_serving.http.beside import Beside
from perennial_serving.http.formats import A, Format
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.turn import Turn, Waiting
from perennial_serving.lifecycle import Lifecycle
from perennial_serving.wire.answers import Ids
from perennial_serving.wire.errors import Refusal

OWN_CHECK: Final = "x-perennial-self-check"
"""Header by which the server's check of itself proves that it is no caller."""

_OWN_CHECK: Final = OWN_CHECK.encode()


class _Read(msgspec.Struct, Generic[A], gc=False):
    """A request whose rows are read."""

    waiting: Waiting
    asked: A


class Predicting(Generic[A]):
    """One way of asking for predictions."""

    def __init__(self, answering: Answering, form: Format[A], lifecycle: Lifecycle) -> None:
        """Answer in this form."""
        self._answering = answering
        self._form = form
        self._lifecycle = lifecycle
        self._turn = Turn(self._end_turn)
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

    def _end_turn(self, arrived: Sequence[Waiting]) -> Iterator[None]:
        """Answer all that arrived, group by group: what is not quick, beside the event loop."""
        groups = _groups(self._read(arrived), self._answering.rows_at_once)
        for place, group in enumerate(groups):
            if place:
                yield  # each takes as long as the event loop may be held up
            quick = len(group) > 1 or len(group[0].asked.rows) <= self._answering.rows_at_once
            if quick and self._answering.is_quick:
                self._answered(group)()
            else:
                self._beside.add(group)

    def _read(self, arrived: Sequence[Waiting]) -> Iterator[_Read[A]]:
        for waiting in arrived:
            request = waiting.request
            try:
                yield _Read(waiting, self._form.read(request, request.body))
            except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
                response = refused(request, error)
                self._answering.count([request], [response])
                waiting.answer(response)

    def _answered(self, group: Sequence[_Read[A]]) -> Callable[[], None]:
        """Answer a group, and return what tells the callers: only the event loop may."""
        waiting = [read.waiting for read in group]
        requests = [one.request for one in waiting]
        return partial(_tell, waiting, self._responses(requests, [read.asked for read in group]))

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


def _tell(waiting: Sequence[Waiting], responses: Sequence[Response]) -> None:
    for one, response in zip(waiting, responses, strict=True):
        one.answer(response)


def _groups(reads: Iterator[_Read[A]], most_rows: int) -> Iterator[list[_Read[A]]]:
    """Yield requests of no more rows together than that; one of more rows stands alone."""
    group: list[_Read[A]] = []
    room = most_rows
    for read in reads:
        room -= len(read.asked.rows)
        if room < 0 and group:
            yield group
            group, room = [], most_rows - len(read.asked.rows)
        group.append(read)
    if group:
        yield group
