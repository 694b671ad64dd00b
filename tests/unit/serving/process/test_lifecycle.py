import os
import select

from perennial_serving.process.lifecycle import Board, Lifeline
from perennial_serving.readiness import Lifecycle


def test_callers_are_welcome_between_the_proof_and_the_end():
    lifecycle = Lifecycle()
    assert not lifecycle.ready
    lifecycle.verified = True
    assert lifecycle.ready
    lifecycle.draining = True
    assert not lifecycle.ready


def test_callers_are_welcome_when_every_worker_has_proved_itself():
    others: list[bool] = []
    lifecycle = Lifecycle(verified=True, all_verified=lambda: bool(others))
    assert not lifecycle.ready
    others.append(True)
    assert lifecycle.ready


def test_no_two_processes_share_a_pass_phrase():
    assert Lifecycle().pass_phrase != Lifecycle().pass_phrase


def test_a_process_is_deserted_when_every_worker_has_said_so():
    board = Board(2)
    assert not board.deserted
    board.show(0, 0)
    assert not board.deserted
    board.show(1, 3)
    assert not board.deserted
    board.show(1, 0)
    assert board.deserted
    board.forget(0)
    assert not board.deserted


def test_what_a_worker_shows_is_seen_by_the_process_that_forked_it():
    board = Board(1)
    if (pid := os.fork()) == 0:
        board.show(0, 0)
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.deserted


def test_a_lifeline_ends_with_whoever_holds_it():
    lifeline = Lifeline()
    assert select.select([lifeline.end], [], [], 0)[0] == []
    lifeline.let_go()
    assert select.select([lifeline.end], [], [], 0)[0] == [lifeline.end]
    os.close(lifeline.end)
