"""From a request for predictions to its answer: at once where that is quick, else beside."""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from secrets import compare_digest
from typing import Final, Generic

from perennial.artifacts.answers import Answers
from perennial_serving.http.answering import Answering, packed, refused
from perennial_serving.http.formats import A, Format
from perennial_serving.http.messages import Request, Response
from perennial_serving.lifecycle import Lifecycle
from perennial_serving.predictors.micro_batches import MicroBatches
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

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request, whatever is wrong with it."""
        own = False
        if _OWN_CHECK in request.headers or not self._lifecycle.verified:
            own = self._is_own_check(request)
            if not (own or self._lifecycle.verified):
                unverified = Refusal("not verified yet", status=HTTPStatus.SERVICE_UNAVAILABLE)
                return refused(request, unverified)
        if self._answering.is_long(request):
            return self._beside(request, own=own)
        return self._onward(request, self._read(request), own=own)

    async def _beside(self, request: Request, *, own: bool) -> Response:
        """Read a long body in a thread."""
        asked = await asyncio.to_thread(self._read, request)
        response = self._onward(request, asked, own=own)
        return response if isinstance(response, Response) else await response

    def _onward(
        self, request: Request, asked: A | Response, *, own: bool
    ) -> Response | Awaitable[Response]:
        """Go on with what was read: now, together with others, or in a thread."""
        if isinstance(asked, Response):
            return self._counted(request, asked, own=own)
        if self._answering.batches is not None:
            return self._together(request, asked, self._answering.batches, own=own)
        if self._answering.takes_long(asked):
            return asyncio.to_thread(self._answered, request, asked, own=own)
        return self._answered(request, asked, own=own)

    async def _together(
        self, request: Request, asked: A, batches: MicroBatches, *, own: bool
    ) -> Response:
        """Answer with all who ask at the same time."""
        try:
            response = self._written(request, asked, await batches.answer(asked.batch), own=own)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            response = refused(request, error, asked)
        return self._counted(request, response, own=own)

    def _answered(self, request: Request, asked: A, *, own: bool) -> Response:
        try:
            response = self._written(request, asked, self._answering.answer(asked), own=own)
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            response = refused(request, error, asked)
        return self._counted(request, response, own=own)

    def _read(self, request: Request) -> A | Response:
        """Return what is asked, or the response that refuses it."""
        try:
            asked = self._form.read(request, self._answering.body(request))
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            return refused(request, error)
        try:
            self._answering.check(asked)
        except Refusal as refusal:
            return refused(request, refusal, asked)
        return asked

    def _written(self, request: Request, asked: A, answers: Answers, *, own: bool) -> Response:
        ids = None if own else self._answering.record(asked, answers)
        return packed(request, self._form.write(asked, answers, ids))

    def _counted(self, request: Request, response: Response, *, own: bool) -> Response:
        if not own:
            self._answering.count(request, response)
        return response

    def _is_own_check(self, request: Request) -> bool:
        shown = request.headers.get(_OWN_CHECK, b"")
        return compare_digest(shown, self._lifecycle.pass_phrase.encode())
