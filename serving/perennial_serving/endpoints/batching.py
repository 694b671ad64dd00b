"""Requests that arrive together, handed on together: a turn lasts while more arrive."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final, Generic, TypeVar

import msgspec

from perennial_serving.http.messages import Request, Response

A = TypeVar("A")

_MANY: Final = 64
"""Requests of a turn that ends although more may arrive."""
_LONG_SECONDS: Final = 0.001
"""How long a turn may last."""


class Waiting(msgspec.Struct, Generic[A], gc=False):
    """A request, and where its response is awaited."""

    request: Request
    response: asyncio.Future[Response]
    asked: A | None = None
    """What it asks, once that is read."""

    def answer(self, response: Response) -> None:
        """Tell the caller, unless it has left."""
        if not self.response.done():
            self.response.set_result(response)

    def fail(self, error: Exception) -> None:
        """Tell the caller of a fault, unless it was answered."""
        if not self.response.done():
            self.response.set_exception(error)


class Turn(Generic[A]):
    """Nobody waits for a timer: a lone request is alone in its turn."""

    def __init__(self, take: Callable[[Sequence[Waiting[A]]], int]) -> None:
        """Hand whatever arrived to `take`, which says how many of the first it dealt with."""
        self._take = take
        self._arrived: list[Waiting[A]] = []
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
        arrived = self._arrived
        brings_more = self._seen < len(arrived) < _MANY
        if brings_more and perf_counter() - self._began < _LONG_SECONDS:
            self._seen = len(arrived)
            asyncio.get_running_loop().call_soon(self._end)
            return
        try:
            taken = self._take(arrived)
        except Exception as error:  # noqa: BLE001 - each caller gets it, and logs it
            taken = len(arrived)
            for waiting in arrived:
                waiting.fail(error)
        self._arrived = arrived[taken:]
        self._seen = len(self._arrived)
        if self._arrived:  # with what arrives meanwhile: between two groups, others are looked at
            asyncio.get_running_loop().call_soon(self._end)
