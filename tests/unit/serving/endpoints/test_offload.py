import asyncio
import threading
from collections.abc import Callable, Sequence

from perennial_serving.endpoints.offload import Offload


class Work:
    """Takes note of what it is given, and can be held up."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.done: list[int] = []
        self.threads: set[int] = set()
        self.held_up = threading.Event()
        self.held_up.set()
        self.more_done = asyncio.Event()

    def __call__(self, taken: Sequence[int]) -> Callable[[], None]:
        self.held_up.wait(10)
        self.calls.append(list(taken))
        self.threads.add(threading.get_ident())
        return lambda: self._finish(taken)

    def _finish(self, taken: Sequence[int]) -> None:
        self.done += taken
        self.more_done.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.done) < count:
                await self.more_done.wait()
                self.more_done.clear()


async def test_a_lone_piece_of_work_waits_for_nobody():
    work = Work()
    Offload(work).add([1])
    await work.until(1)
    assert work.threads != {threading.get_ident()}


async def test_what_waits_while_the_thread_is_busy_goes_in_one_call():
    work = Work()
    beside = Offload(work)
    work.held_up.clear()
    beside.add([1])
    await asyncio.sleep(0.01)
    for more in ([2, 3], [4], [5]):
        beside.add(more)
    work.held_up.set()
    await work.until(5)
    assert work.calls == [[1], [2, 3, 4, 5]]


async def test_after_a_pause_it_begins_anew():
    work = Work()
    beside = Offload(work)
    for number in (1, 2):
        beside.add([number])
        await work.until(number)
    assert work.calls == [[1], [2]]
