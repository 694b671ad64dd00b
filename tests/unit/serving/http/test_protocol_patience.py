import asyncio
import gc
import threading
import time

import pytest

from doubles.http_server import GET, echo, listening, post
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.protocol import Connection
from perennial_serving.readiness import Readiness


def test_a_large_answer_reaches_a_slow_reader_and_others_are_answered_meanwhile():
    def large(request: Request) -> Response:
        return Response(b"a" * (16 << 20)) if request.path == "/large" else echo(request)

    with listening(large) as server:
        slow = server.connect().send(post(path="/large") + post(path="/large") + post(b"end"))
        assert server.ask(post(b"1")).status == 200
        for _ in range(2):
            assert len(slow.answer().body) == 16 << 20
        assert slow.answer().body.endswith(b"end")


def test_while_an_answer_is_not_taken_nothing_more_is_read():
    pending = []

    def large(request: Request) -> Response:
        pending.append(request.path)
        return Response(b"a" * (4 << 20))

    with listening(large) as server:
        caller = server.connect()
        for _ in range(10):
            caller.send(post(path="/large"))
            time.sleep(0.01)
        assert len(pending) < 4
        for _ in range(10):
            assert caller.answer().status == 200


@pytest.mark.parametrize(
    ("piece", "limit"),
    [
        (b"GET / HT", "header_seconds"),
        (b"G", "header_seconds"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", "body_seconds"),
    ],
)
def test_who_never_finishes_is_told_so(piece: bytes, limit: str):
    with listening(**{limit: 0.1}) as server:
        caller = server.connect().send(piece)
        began = time.monotonic()
        assert caller.answer().status == 408
        assert time.monotonic() - began < 1


def test_slow_but_steady_is_still_too_slow():
    with listening(header_seconds=0.3) as server:
        caller = server.connect()
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.05):
                caller.send(b"a")

        caller.send(b"GET /")
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert caller.answer().status == 408
        finally:
            dripping.set()
            thread.join()


def test_an_idle_connection_is_closed_without_a_word():
    with listening(idle_seconds=0.2) as server:
        caller = server.connect().send(GET)
        assert caller.answer().status == 200
        assert caller.rest() == b""


def test_a_connection_that_never_asked_is_closed_sooner():
    with listening(header_seconds=0.2) as server:
        silent, asking = server.connect(), server.connect().send(GET)
        assert asking.answer().status == 200
        assert silent.rest() == b""
        assert asking.send(GET).answer().status == 200


def test_who_does_not_take_an_answer_is_let_go():
    with listening(lambda _: Response(b"a" * (64 << 20)), body_seconds=0.2) as server:
        server.connect().send(GET)
        server.until(lambda: len(server.connections) == 0)


def test_while_draining_every_answer_sends_its_caller_elsewhere():
    with listening(readiness=Readiness(verified=True)) as server:
        caller = server.connect()
        assert "connection" not in caller.send(GET).answer().headers
        server.readiness.draining = True
        assert caller.send(GET).answer().headers["connection"] == "close"
        assert caller.rest() == b""
        assert server.ask(GET).headers["connection"] == "close"


def test_in_the_end_idle_callers_are_let_go_and_answers_under_way_are_given():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.2)
            return echo(request)

        return later() if request.path == "/slow" else echo(request)

    with listening(slow) as server:
        idle = server.connect().send(GET)
        assert idle.answer().status == 200
        busy = server.connect().send(post(b"1", path="/slow"))
        time.sleep(0.05)
        server.readiness.draining = True
        leaving = asyncio.run_coroutine_threadsafe(server.connections.close_all(5), server.loop)
        assert idle.rest() == b""
        idle.close()
        assert busy.answer().body == b"POST /slow 1"
        assert busy.rest() == b""
        busy.close()
        leaving.result(5)
        assert len(server.connections) == 0


def test_a_lost_connection_leaves_nothing_to_collect():
    def alive() -> set[int]:
        return {id(one) for one in gc.get_objects() if type(one) is Connection}

    gc.collect()
    gc.disable()
    try:
        with listening() as server:
            seen: set[int] = set()
            for _ in range(5):
                caller = server.connect().send(GET)
                assert caller.answer().status == 200
                seen |= {id(one) for one in [*server.connections._open]}
                caller.close()
            assert seen
            server.until(lambda: len(server.connections) == 0)
            server.until(lambda: not seen & alive())
    finally:
        gc.enable()
