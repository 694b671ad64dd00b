import asyncio
import logging
import time
from collections.abc import Callable, Iterator

import pytest

from doubles.http_server import GET, Listening, listening, post
from doubles.later import Later
from perennial_serving.http.messages import Response


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def server(later: Later) -> Iterator[Listening]:
    with listening(later) as running:
        yield running


def test_many_connections_are_answered_in_one_turn(server: Listening, later: Later):
    callers = [server.connect() for _ in range(16)]
    for turn in range(3):
        for number, caller in enumerate(callers):
            caller.send(post(b"%d of %d" % (number, turn)))
        later.answer(server, times=16)
        for number, caller in enumerate(callers):
            assert caller.answer().body == b"POST /predict %d of %d" % (number, turn)


def test_pipelined_requests_wait_for_their_turn(server: Listening, later: Later):
    caller = server.connect().send(post(b"0") + post(b"1"), GET)
    for number in range(2):
        later.answer(server)
        assert caller.answer().body == b"POST /predict %d" % number
    assert caller.answer().body == b"GET /v2/health/live "


def test_what_arrives_while_an_answer_is_awaited_is_read_afterwards(
    server: Listening, later: Later
):
    caller = server.connect()
    for number in range(3):
        caller.send(post(b"%d" % number))
        later.wait_for_requests(server)
        caller.send(post(b"in pieces")[:-4])
        time.sleep(0.02)
        later.answer(server)
        assert caller.answer().body == b"POST /predict %d" % number
        caller.send(b"eces")
        later.answer(server)
        assert caller.answer().body == b"POST /predict in pieces"


def test_a_careful_caller_is_invited_after_the_answer_before(server: Listening, later: Later):
    careful = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    caller = server.connect().send(post(b"1") + careful)
    later.answer(server)
    assert caller.answer().body == b"POST /predict 1"
    assert caller.answer().status == 100
    caller.send(b"{}")
    later.answer(server)
    assert caller.answer().body == b"POST / {}"


def test_a_refusal_waits_for_the_answer_before(server: Listening, later: Later):
    caller = server.connect().send(post(b"1") + b"nonsense\r\n\r\n")
    later.answer(server)
    assert caller.answer().body == b"POST /predict 1"
    assert caller.answer().status in {400, 501}
    assert caller.rest() == b""


def test_who_says_no_more_still_gets_the_answer(server: Listening, later: Later):
    caller = server.connect().send(post(b"1"))
    later.wait_for_requests(server)
    caller.say_no_more()
    time.sleep(0.02)
    later.answer(server)
    assert caller.answer().body == b"POST /predict 1"
    assert caller.rest() == b""


def test_who_is_told_that_the_connection_ends_asks_in_vain(server: Listening, later: Later):
    server.readiness.draining = True
    caller = server.connect().send(post(b"1"))
    later.answer(server)
    assert caller.answer().headers["connection"] == "close"
    caller.send(post(b"2"))
    assert caller.rest() == b""
    assert later.pending == []


def test_while_an_answer_is_not_taken_nothing_more_is_read(server: Listening, later: Later):
    large = post(b"a" * (8 << 20))
    caller = server.connect().send(large)
    later.answer(server)
    caller.send(post(b"2"))
    time.sleep(0.05)
    assert later.pending == []
    assert len(caller.answer().body) > 8 << 20
    later.answer(server)
    assert caller.answer().body == b"POST /predict 2"


def test_an_answer_that_failed_is_told_and_the_connection_goes_on(
    server: Listening, later: Later, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.CRITICAL, "perennial_serving")
    caller = server.connect()
    for _ in range(2):
        caller.send(post(b"1"))
        later.fail(server)
        answer = caller.answer()
        assert answer.status == 500
        assert b"secret" not in answer.body


@pytest.mark.parametrize("end", [Later.answer, Later.give_up])
def test_what_becomes_of_a_request_whose_caller_is_gone_disturbs_nobody(
    server: Listening,
    later: Later,
    caplog: pytest.LogCaptureFixture,
    end: Callable[[Later, Listening], None],
):
    gone = server.connect().send(post(b"1"))
    later.wait_for_requests(server)
    gone.close()
    server.within(lambda: [one.abort() for one in tuple(server.connections._open)])
    server.until(lambda: len(server.connections) == 0)
    end(later, server)
    assert server.ask(GET).status == 200
    assert caplog.records == []


def test_an_answer_that_is_given_up_ends_the_connection_without_a_word(
    server: Listening, later: Later, caplog: pytest.LogCaptureFixture
):
    server.connect().send(post(b"1"))
    later.give_up(server)
    server.until(lambda: len(server.connections) == 0)
    assert caplog.records == []


def test_while_draining_the_answer_under_way_is_given(server: Listening, later: Later):
    caller, idle = server.connect(), server.connect().send(post(b"0"))
    later.answer(server)
    assert idle.answer().status == 200
    caller.send(post(b"1"))
    later.wait_for_requests(server)
    server.readiness.draining = True
    leaving = asyncio.run_coroutine_threadsafe(server.connections.close_all(5), server.loop)
    assert idle.rest() == b""
    idle.close()
    later.answer(server)
    answer = caller.answer()
    assert (answer.body, answer.headers["connection"]) == (b"POST /predict 1", "close")
    assert caller.rest() == b""
    caller.close()
    leaving.result(5)


def test_the_end_of_the_loop_cancels_answers_without_noise(caplog: pytest.LogCaptureFixture):
    begun = []

    async def endless() -> Response:
        begun.append(True)
        return await asyncio.get_running_loop().create_future()

    with listening(lambda _: endless()) as server:
        server.connect().send(post(b"1"))
        server.until(lambda: bool(begun))
    assert caplog.records == []
