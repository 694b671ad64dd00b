"""Requests that arrive together, handed on together: a turn lasts while more arrive."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Final

import msgspec

from perennial_serving.http.messages import Request, Response

_MANY: Final = 64
"""Requests of a turn that ends although more may arrive."""
_LONG_SECONDS: Final = 0.001
"""How long a turn may last."""

Steps = Callable[[Sequence["Waiting"]], Iterator[None]]
"""Answers requests; between two steps, others have their turns."""


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

    def __init__(self, steps: Steps) -> None:
        """Hand whatever arrived to `steps`."""
        self._steps = steps
        self._arrived: list[Waiting] = []
        self._seen = 0
        self._began = 0.0

    def add(self, request: Request) -> asyncio.Future[Response]:
        """Return where the response will be."""
        loop = asyncio.get_running_loop()
        if not self._arrived:
            self._began = perf_counter()
            loop.call_soon(self._end)
        response: asyncio.Future[Response] = loop.create_future()
        self._arrived.append(Waiting(request, response))
        return response

    def _end(self) -> None:
        """Hand on what arrived, once a look at all sockets brings nothing more."""
        brings_more = self._seen < len(self._arrived) < _MANY
        if brings_more and perf_counter() - self._began < _LONG_SECONDS:
            self._seen = len(self._arrived)
            asyncio.get_running_loop().call_soon(self._end)
            return
        arrived, self._arrived, self._seen = self._arrived, [], 0
        _go_on(self._steps(arrived), arrived)


def _go_on(steps: Iterator[None], arrived: Sequence[Waiting]) -> None:
    """Take one step, and the next one after a look at all sockets."""
    try:
        for _ in steps:
            asyncio.get_running_loop().call_soon(_go_on, steps, arrived)
            return
    except Exception as error:  # noqa: BLE001 - each caller gets it, and logs it
        for waiting in arrived:
            waiting.fail(error)
