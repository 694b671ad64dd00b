"""Collects requests that arrive together, so that one call of the model answers all of them."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final, Generic, TypeVar

import msgspec

from perennial_serving.http.messages import Request, Response

A = TypeVar("A")

_FULL_BATCH: Final = 64
"""A batch of this many requests is closed even if more are arriving."""
_LONGEST_SECONDS: Final = 0.001
"""Longest time that a batch stays open."""


class PendingRequest(msgspec.Struct, Generic[A], gc=False):
    """A request and the future of its response."""

    request: Request
    response: asyncio.Future[Response]
    parsed: A | None = None
    """The parsed body, once it is read."""

    def respond(self, response: Response) -> None:
        """Set the response, unless the request was cancelled."""
        if not self.response.done():
            self.response.set_result(response)

    def fail(self, error: Exception) -> None:
        """Set an exception, unless there is a response already."""
        if not self.response.done():
            self.response.set_exception(error)


class Batcher(Generic[A]):
    """Keeps a batch open while each iteration of the event loop adds requests to it.

    There is no timer: a single request waits for one iteration of the loop.
    `process` is given the batch and returns how many of its first requests it has dealt with; the
    rest starts the next batch.
    """

    def __init__(self, process: Callable[[Sequence[PendingRequest[A]]], int]) -> None:
        self._process = process
        self._batch: list[PendingRequest[A]] = []
        self._seen = 0
        self._opened = 0.0

    def add(self, request: Request) -> asyncio.Future[Response]:
        """Return the future of the response."""
        loop = asyncio.get_running_loop()
        if not self._batch:
            self._opened = perf_counter()
            loop.call_soon(self._close)
        response: asyncio.Future[Response] = loop.create_future()
        self._batch.append(PendingRequest(request, response))
        return response

    def _close(self) -> None:
        """Process the batch, unless this iteration of the event loop has added requests."""
        batch = self._batch
        is_growing = self._seen < len(batch) < _FULL_BATCH
        if is_growing and perf_counter() - self._opened < _LONGEST_SECONDS:
            self._seen = len(batch)
            asyncio.get_running_loop().call_soon(self._close)
            return
        try:
            done = self._process(batch)
        except Exception as error:  # noqa: BLE001 - every caller gets it, and logs it
            done = len(batch)
            for pending in batch:
                pending.fail(error)
        self._batch = batch[done:]
        self._seen = len(self._batch)
        if self._batch:  # processed in the next iteration, after other events such as probes
            asyncio.get_running_loop().call_soon(self._close)
