"""Requests that arrive together, handed on together: a turn lasts while more arrive."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from perennial_serving.http.messages import Request, Response

_MANY: Final = 64
"""Requests of a turn that ends although more may arrive."""


class Waiting(msgspec.Struct, gc=False):
    """A request, and where its response is awaited."""

    request: Request
    response: asyncio.Future[Response]

    def answer(self, response: Response) -> None:
        """Tell the caller, unless it has left."""
        if not self.response.done():
            self.response.set_result(response)

    def fail(self, error: Exception) -> None:
        """Tell the caller of a fault, unless it was answered."""
        if not self.response.done():
            self.response.set_exception(error)


class Turn:
    """Nobody waits for a timer: a lone request is alone in its turn."""

    def __init__(self, end: Callable[[Sequence[Waiting]], None]) -> None:
        """Hand whatever arrived to `end`."""
        self._hand_on = end
        self._arrived: list[Waiting] = []
        self._seen = 0

    def add(self, request: Request) -> asyncio.Future[Response]:
        """Return where the response will be."""
        loop = asyncio.get_running_loop()
        if not self._arrived:
            loop.call_soon(self._end)
        response: asyncio.Future[Response] = loop.create_future()
        self._arrived.append(Waiting(request, response))
        return response

    def _end(self) -> None:
        """Hand on what arrived, once a look at all sockets brings nothing more."""
        if self._seen < len(self._arrived) < _MANY:
            self._seen = len(self._arrived)
            asyncio.get_running_loop().call_soon(self._end)
            return
        arrived, self._arrived, self._seen = self._arrived, [], 0
        try:
            self._hand_on(arrived)
        except Exception as error:  # noqa: BLE001 - each caller gets it, and logs it
            for waiting in arrived:
                waiting.fail(error)
