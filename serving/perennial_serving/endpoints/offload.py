"""Work beside the event loop: whatever waits when the thread is free goes in one call."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Beside(Generic[T]):
    """One call at a time; a lone piece of work waits for nobody."""

    def __init__(self, work: Callable[[Sequence[T]], Callable[[], None]]) -> None:
        """Call `work` in a thread, and what it returns in the event loop."""
        self._work = work
        self._waiting: list[T] = []
        self._working: asyncio.Task[None] | None = None

    def add(self, more: Sequence[T]) -> None:
        """Have this done as soon as the thread is free."""
        self._waiting += more
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                done = await asyncio.to_thread(self._work, taken)
                done()
        finally:
            self._working = None
