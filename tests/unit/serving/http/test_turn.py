import asyncio
import itertools
from collections.abc import Iterator, Sequence

import pytest

from perennial_serving.http.messages import Request, Response
from perennial_serving.http.turn import Turn, Waiting


class Handled:
    """What was handed on, turn by turn; each request is answered with its path, in a step."""

    def __init__(self) -> None:
        self.turns: list[list[str]] = []

    def __call__(self, arrived: Sequence[Waiting]) -> Iterator[None]:
        self.turns.append([waiting.request.path for waiting in arrived])
        for waiting in arrived:
            if waiting.request.path == "/fault":
                raise OverflowError("too much")
            waiting.answer(Response(waiting.request.path.encode()))
            yield


async def test_what_arrives_in_one_turn_is_handed_on_together_and_in_order():
    handled = Handled()
    turn = Turn(handled)
    responses = [turn.add(Request("GET", path)) for path in ("/a", "/b")]
    assert handled.turns == []
    assert [(await one).body for one in responses] == [b"/a", b"/b"]
    assert (await turn.add(Request("GET", "/c"))).body == b"/c"
    assert handled.turns == [["/a", "/b"], ["/c"]]


async def test_a_turn_lasts_while_more_arrives():
    handled = Handled()
    turn = Turn(handled)
    responses = [turn.add(Request("GET", "/a"))]
    await asyncio.sleep(0)
    responses.append(turn.add(Request("GET", "/b")))
    await asyncio.gather(*responses)
    assert handled.turns == [["/a", "/b"]]


async def test_a_turn_ends_in_time_although_more_arrives(monkeypatch: pytest.MonkeyPatch):
    handled = Handled()
    turn = Turn(handled)
    clock = itertools.count(step=0.0006)
    monkeypatch.setattr("perennial_serving.http.turn.perf_counter", clock.__next__)
    responses = []
    for at in range(4):
        responses.append(turn.add(Request("GET", str(at))))
        await asyncio.sleep(0)
    await asyncio.gather(*responses)
    assert handled.turns == [["0", "1"], ["2", "3"]]


async def test_between_two_steps_others_have_their_turns():
    turn = Turn(Handled())
    first, second = (turn.add(Request("GET", path)) for path in ("/a", "/b"))
    await first
    assert not second.done()
    assert (await second).body == b"/b"


async def test_a_turn_of_many_ends_although_more_arrives():
    handled = Handled()
    turn = Turn(handled)
    responses = [turn.add(Request("GET", str(at))) for at in range(64)]
    await asyncio.sleep(0)
    responses.append(turn.add(Request("GET", "/late")))
    await asyncio.gather(*responses)
    assert [len(paths) for paths in handled.turns] == [64, 1]


async def test_a_fault_reaches_all_who_are_not_answered_and_no_later_turn():
    turn = Turn(Handled())
    answered, faulty, behind = (turn.add(Request("GET", path)) for path in ("/a", "/fault", "/b"))
    assert (await answered).body == b"/a"
    for one in (faulty, behind):
        with pytest.raises(OverflowError):
            await one
    assert (await turn.add(Request("GET", "/c"))).body == b"/c"


async def test_who_left_is_told_nothing():
    turn = Turn(Handled())
    gone = turn.add(Request("GET", "/a"))
    gone.cancel()
    assert (await turn.add(Request("GET", "/b"))).body == b"/b"
    with pytest.raises(asyncio.CancelledError):
        await gone
