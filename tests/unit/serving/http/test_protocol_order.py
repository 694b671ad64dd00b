import asyncio
import time

from doubles.http_server import Listening, echo, listening, post
from perennial_serving.http.messages import Request, Response


def test_pipelined_requests_are_answered_in_their_order(server: Listening):
    caller = server.connect().send(b"".join(post(str(one).encode()) for one in range(2000)))
    bodies = [caller.answer().body for _ in range(2000)]
    assert bodies == [b"POST /predict " + str(one).encode() for one in range(2000)]


def test_a_head_may_begin_in_the_last_piece_of_a_long_body(server: Listening):
    after = post(b"next", more=f"x: {'a' * 300}\r\n")
    for cut in (5, 50, 200):
        caller = server.connect().send(post(b"a" * 300_000) + after[:cut])
        time.sleep(0.05)
        caller.send(after[cut:])
        assert [caller.answer().status for _ in range(2)] == [200, 200]


def test_pipelined_answers_that_take_their_time_keep_the_order():
    def slow_when_even(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.01)
            return echo(request)

        return echo(request) if int(request.body) % 2 else later()

    with listening(slow_when_even) as server:
        caller = server.connect().send(b"".join(post(str(one).encode()) for one in range(20)))
        bodies = [int(caller.answer().body.split()[-1]) for _ in range(20)]
    assert bodies == list(range(20))


def test_a_refusal_waits_for_the_answers_before_it():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.05)
            return echo(request)

        return later()

    with listening(slow) as server:
        caller = server.connect().send(post(b"1") + b"nonsense\r\n\r\n")
        assert caller.answer().body == b"POST /predict 1"
        assert caller.answer().status in {400, 501}


def test_who_says_no_more_still_gets_the_answers():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.05)
            return echo(request)

        return later()

    with listening(slow) as server:
        caller = server.connect().send(post(b"1") + post(b"2"))
        caller.say_no_more()
        assert caller.answer().body.endswith(b"1")
        assert caller.answer().body.endswith(b"2")
        assert caller.rest() == b""
