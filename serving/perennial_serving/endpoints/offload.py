"""Runs work in a thread beside the event loop, one call at a time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Offload(Generic[T]):
    """Passes everything that is pending to one call; a single item starts at once.

    `work` runs in a thread, and the function that it returns runs in the event loop.
    """

    def __init__(self, work: Callable[[Sequence[T]], Callable[[], None]]) -> None:
        self._work = work
        self._pending: list[T] = []
        self._running: asyncio.Task[None] | None = None

    def add(self, items: Sequence[T]) -> None:
        """Process the items as soon as the thread is free."""
        self._pending += items
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._pending:
                items, self._pending = self._pending, []
                finish = await asyncio.to_thread(self._work, items)
                finish()
        finally:
            self._running = None
