import asyncio
import itertools
from collections.abc import Sequence

import pytest

from perennial_serving.endpoints.batching import Batcher, PendingRequest
from perennial_serving.http.messages import Request, Response


class Taken:
    """What was taken, turn by turn; each request is answered with its path."""

    def __init__(self, at_once: int = 100) -> None:
        self.turns: list[list[str]] = []
        self._at_once = at_once

    def __call__(self, arrived: Sequence[PendingRequest]) -> int:
        some = arrived[: self._at_once]
        self.turns.append([pending.request.path for pending in some])
        for pending in some:
            if pending.request.path == "/fault":
                raise OverflowError("too much")
            pending.respond(Response(pending.request.path.encode()))
        return len(some)


async def test_what_arrives_in_one_turn_is_handed_on_together_and_in_order():
    taken = Taken()
    turn = Batcher(taken)
    responses = [turn.add(Request("GET", path)) for path in ("/a", "/b")]
    assert taken.turns == []
    assert [(await one).body for one in responses] == [b"/a", b"/b"]
    assert (await turn.add(Request("GET", "/c"))).body == b"/c"
    assert taken.turns == [["/a", "/b"], ["/c"]]


async def test_a_turn_lasts_while_more_arrives():
    taken = Taken()
    turn = Batcher(taken)
    responses = [turn.add(Request("GET", "/a"))]
    await asyncio.sleep(0)
    responses.append(turn.add(Request("GET", "/b")))
    await asyncio.gather(*responses)
    assert taken.turns == [["/a", "/b"]]


async def test_a_turn_ends_in_time_although_more_arrives(monkeypatch: pytest.MonkeyPatch):
    taken = Taken()
    turn = Batcher(taken)
    clock = itertools.count(step=0.0006)
    monkeypatch.setattr("perennial_serving.endpoints.batching.perf_counter", clock.__next__)
    responses = []
    for at in range(4):
        responses.append(turn.add(Request("GET", str(at))))
        await asyncio.sleep(0)
    await asyncio.gather(*responses)
    assert taken.turns == [["0", "1"], ["2", "3"]]


async def test_what_is_left_comes_first_in_the_next_turn_with_what_arrived_meanwhile():
    taken = Taken(at_once=2)
    turn = Batcher(taken)
    first, _, left = (turn.add(Request("GET", path)) for path in ("/a", "/b", "/c"))
    await first
    assert not left.done()
    late = turn.add(Request("GET", "/d"))
    await asyncio.gather(left, late)
    assert taken.turns == [["/a", "/b"], ["/c", "/d"]]


async def test_a_turn_of_many_ends_although_more_arrives():
    taken = Taken()
    turn = Batcher(taken)
    responses = [turn.add(Request("GET", str(at))) for at in range(64)]
    await asyncio.sleep(0)
    responses.append(turn.add(Request("GET", "/late")))
    await asyncio.gather(*responses)
    assert [len(paths) for paths in taken.turns] == [64, 1]


async def test_a_fault_reaches_all_who_are_not_answered_and_no_later_turn():
    turn = Batcher(Taken())
    answered, faulty, behind = (turn.add(Request("GET", path)) for path in ("/a", "/fault", "/b"))
    assert (await answered).body == b"/a"
    for one in (faulty, behind):
        with pytest.raises(OverflowError):
            await one
    assert (await turn.add(Request("GET", "/c"))).body == b"/c"


async def test_who_left_is_told_nothing():
    turn = Batcher(Taken())
    gone = turn.add(Request("GET", "/a"))
    gone.cancel()
    assert (await turn.add(Request("GET", "/b"))).body == b"/b"
    with pytest.raises(asyncio.CancelledError):
        await gone
