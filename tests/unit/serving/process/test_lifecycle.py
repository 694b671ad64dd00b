import os
import select

from perennial_serving.process.lifecycle import ConnectionCounts, ParentPipe
from perennial_serving.readiness import Readiness


def test_clients_are_accepted_between_the_self_check_and_the_drain():
    readiness = Readiness()
    assert not readiness.ready
    readiness.verified = True
    assert readiness.ready
    readiness.draining = True
    assert not readiness.ready


def test_clients_are_accepted_when_every_worker_has_passed_its_self_check():
    others: list[bool] = []
    readiness = Readiness(verified=True, all_verified=lambda: bool(others))
    assert not readiness.ready
    others.append(True)
    assert readiness.ready


def test_no_two_processes_share_a_token():
    assert Readiness().self_check_token != Readiness().self_check_token


def test_all_connections_are_closed_when_every_worker_reports_none():
    connection_counts = ConnectionCounts(2)
    assert not connection_counts.all_closed
    connection_counts.set(0, 0)
    assert not connection_counts.all_closed
    connection_counts.set(1, 3)
    assert not connection_counts.all_closed
    connection_counts.set(1, 0)
    assert connection_counts.all_closed
    connection_counts.reset(0)
    assert not connection_counts.all_closed


def test_what_a_worker_shows_is_seen_by_the_process_that_forked_it():
    connection_counts = ConnectionCounts(1)
    if (pid := os.fork()) == 0:
        connection_counts.set(0, 0)
        os._exit(0)
    os.waitpid(pid, 0)
    assert connection_counts.all_closed


def test_the_pipe_of_the_parent_ends_with_it():
    parent_pipe = ParentPipe()
    assert select.select([parent_pipe.read_end], [], [], 0)[0] == []
    parent_pipe.close_write_end()
    assert select.select([parent_pipe.read_end], [], [], 0)[0] == [parent_pipe.read_end]
    os.close(parent_pipe.read_end)
