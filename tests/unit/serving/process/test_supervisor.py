import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from perennial.api.reasons import JobReason
from perennial_serving.counters.shared import Shared
from perennial_serving.process.assembly import WorkerContext
from perennial_serving.process.failure_report import REPORT_VARIABLE
from perennial_serving.process.lifecycle import ConnectionCounts, DrainLimits, ParentPipe
from perennial_serving.process.supervisor import Supervisor, WorkerLostError, listen
from perennial_serving.process.worker import FINISH, WorkerSlot


@dataclass
class Supervised:
    """A supervisor in a process of its own: it forks, and owns the signals of its process."""

    pid: int
    shared: Shared
    report: Path

    @property
    def deaths(self) -> int:
        return sum(memory.deaths for memory in self.shared.memories)

    def ended(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def tell(self, what: signal.Signals) -> None:
        os.kill(self.pid, what)

    def until_ready(self, *, ready: bool = True) -> None:
        deadline = time.monotonic() + 5
        while self.shared.ready is not ready:
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return {int(child) for child in children.split()}


@pytest.fixture
def supervised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog):
    caplog.set_level(logging.CRITICAL)
    report = tmp_path / "report"
    monkeypatch.setenv(REPORT_VARIABLE, str(report))
    begun: list[int] = []

    def begin(
        work: Callable[[WorkerSlot], None],
        workers: int = 2,
        drain: float = 5.0,
        accept: float = 0.0,
    ) -> Supervised:
        shared, connection_counts = Shared.create(workers), ConnectionCounts(workers)
        pid = os.fork()
        if pid == 0:
            parent_pipe, key = ParentPipe(), bytes(32)
            listeners = listen("127.0.0.1", 0, workers, 8)
            slots = [
                WorkerSlot(
                    WorkerContext(worker, shared, key), listeners, connection_counts, parent_pipe
                )
                for worker in range(workers)
            ]
            os._exit(Supervisor(slots, work, DrainLimits(accept, drain)).run(lambda: None))
        begun.append(pid)
        return Supervised(pid, shared, report)

    yield begin
    for pid in begun:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every replacement come at once."""
    monkeypatch.setattr("perennial_serving.process.supervisor._LONGEST_BACKOFF_SECONDS", 0.01)


def serve(slot: WorkerSlot) -> None:
    """Be a worker to whom nobody is connected."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, FINISH})
    slot.context.memory.ready = True
    signal.sigwait({signal.SIGTERM})
    slot.connection_counts.set(slot.context.worker, 0)
    signal.sigwait({FINISH})


def busy(slot: WorkerSlot) -> None:
    """Be a worker that somebody stays connected to."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, FINISH})
    slot.context.memory.ready = True
    signal.sigwait({signal.SIGTERM})
    slot.connection_counts.set(slot.context.worker, 1)
    signal.sigwait({FINISH})


def test_when_nobody_is_connected_any_more_all_end_together(supervised):
    running = supervised(serve)
    running.until_ready()
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert 0.4 < time.monotonic() - began < 3


def test_connections_are_accepted_for_a_while_though_there_is_none(supervised):
    running = supervised(serve, drain=60.0, accept=1.5)
    running.until_ready()
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert 1.4 < time.monotonic() - began < 4


def test_no_drain_takes_longer_than_allowed(supervised):
    running = supervised(serve, drain=0.5, accept=60.0)
    running.until_ready()
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert time.monotonic() - began < 3


def test_who_stays_connected_is_waited_for_as_long_as_allowed(supervised):
    running = supervised(busy, drain=1.0)
    running.until_ready()
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert 0.9 < time.monotonic() - began < 3


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_asked_twice_or_by_a_keyboard_it_ends_now(supervised, what: signal.Signals):
    running = supervised(busy, drain=60.0)
    running.until_ready()
    running.tell(what)
    if what is signal.SIGTERM:
        time.sleep(0.2)
        running.tell(what)
    began = time.monotonic()
    assert running.ended() == 0
    assert time.monotonic() - began < 3


def test_a_worker_that_dies_is_replaced_and_the_others_stay(supervised):
    running = supervised(serve)
    running.until_ready()
    dead, *stay = sorted(running.workers())
    os.kill(dead, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while len(running.workers()) < 2 or dead in running.workers():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.until_ready()
    assert set(stay) < running.workers()
    assert running.deaths == 1
    running.tell(signal.SIGTERM)
    assert running.ended() == 0
    assert running.deaths == 1  # a worker that ends because the server ends has not died


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_while_all_drain_is_replaced_by_one_that_drains(
    supervised, workers: int
):
    running = supervised(busy, workers, drain=1.5)
    running.until_ready()
    running.tell(signal.SIGTERM)
    time.sleep(0.2)
    dead, *_ = running.workers()
    began = time.monotonic()
    os.kill(dead, signal.SIGKILL)
    running.until_ready(ready=False)
    running.until_ready()
    assert len(running.workers() - {dead}) == workers
    assert running.ended() == 0
    assert 1.0 < time.monotonic() - began < 3  # it was told to drain, or nobody would be waited for


def test_a_drain_that_a_worker_did_not_survive_ends_when_nobody_is_connected(
    supervised, tmp_path: Path
):
    def die_of_the_first_drain(slot: WorkerSlot) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {FINISH})
        first = not died.exists()
        slot.context.memory.ready = True
        signal.sigwait({signal.SIGTERM})
        if first:
            slot.connection_counts.set(slot.context.worker, 7)
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        slot.connection_counts.set(slot.context.worker, 0)
        signal.sigwait({FINISH})

    died = tmp_path / "died"
    running = supervised(die_of_the_first_drain, 1, drain=60.0)
    running.until_ready()
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert 0.4 < time.monotonic() - began < 3


def test_a_worker_that_can_live_no_more_holds_up_the_end_no_longer_than_allowed(
    supervised, tmp_path: Path
):
    def live_once(slot: WorkerSlot) -> None:
        if lived.exists():
            os._exit(3)
        lived.touch()
        serve(slot)

    lived = tmp_path / "lived"
    running = supervised(live_once, 1, drain=1.0)
    running.until_ready()
    (worker,) = running.workers()
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.2)
    running.tell(signal.SIGTERM)
    began = time.monotonic()
    assert running.ended() == 0
    assert 0.9 < time.monotonic() - began < 3


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_is_never_ready_again_ends_the_process_with_its_reason(
    supervised, tmp_path: Path, workers: int
):
    def live_once(slot: WorkerSlot) -> None:
        lived = tmp_path / str(slot.context.worker)
        if lived.exists():
            raise ValueError("the model is not what it was")
        lived.touch()
        serve(slot)

    running = supervised(live_once, workers, drain=60.0)
    running.until_ready()
    os.kill(min(running.workers()), signal.SIGKILL)
    began = time.monotonic()
    assert running.ended() == 1
    assert time.monotonic() - began < 5
    assert json.loads(running.report.read_text())["message"] == (
        "ValueError: the model is not what it was"
    )


@pytest.mark.usefixtures("hasty")
def test_a_process_that_gives_up_waits_for_who_is_connected_to_the_other_workers(
    supervised, tmp_path: Path
):
    def live_once(slot: WorkerSlot) -> None:
        lived = tmp_path / str(slot.context.worker)
        if lived.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        lived.touch()
        busy(slot)

    running = supervised(live_once, drain=1.0)
    running.until_ready()
    began = time.monotonic()
    os.kill(min(running.workers()), signal.SIGKILL)
    assert running.ended() == 1
    assert 0.9 < time.monotonic() - began < 5
    assert "SIGKILL" in json.loads(running.report.read_text())["message"]


@pytest.mark.usefixtures("hasty")
def test_a_worker_that_is_ready_now_and_then_is_replaced_for_ever(supervised, tmp_path: Path):
    def be_ready_every_third_life(slot: WorkerSlot) -> None:
        with lives.open("ab") as file:
            file.write(b".")
            life = file.tell()
        if life > 12:
            serve(slot)
        slot.context.memory.ready = life % 3 == 1
        os._exit(3)

    lives = tmp_path / "lives"
    lives.touch()
    running = supervised(be_ready_every_third_life, 1)
    deadline = time.monotonic() + 10
    while lives.stat().st_size < 13:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.until_ready()
    running.tell(signal.SIGTERM)
    running.ended()
    assert not running.report.exists()


def test_a_worker_that_speaks_its_last_before_all_are_ready_ends_everything(supervised):
    def fail(slot: WorkerSlot) -> None:
        if slot.context.worker == 1:
            raise ValueError("the model is not what it was")
        serve(slot)

    running = supervised(fail)
    assert running.ended() == 1
    assert running.deaths == 0  # the server was never ready
    assert json.loads(running.report.read_text())["message"] == (
        "ValueError: the model is not what it was"
    )


def test_a_worker_that_is_killed_before_all_are_ready_ends_everything(supervised):
    def die(_post: WorkerSlot) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    running = supervised(die)
    assert running.ended() == 1
    report = json.loads(running.report.read_text())
    assert report["reason"] == JobReason.INTERNAL_ERROR
    assert "SIGKILL" in report["message"]
    assert "memory" in report["message"]


def test_a_process_that_is_not_ready_ends_when_it_is_told_to(supervised):
    running = supervised(lambda _: time.sleep(60))
    time.sleep(0.1)
    running.tell(signal.SIGTERM)
    assert running.ended() == 0


def test_a_lost_worker_says_how_it_ended():
    assert "exit code 3" in str(WorkerLostError(3 << 8))
    assert "SIGSEGV" in str(WorkerLostError(signal.SIGSEGV))


def test_the_sockets_share_one_port():
    free = socket.create_server(("127.0.0.1", 0), reuse_port=True)
    port = free.getsockname()[1]
    listeners = listen("127.0.0.1", port, 2, 8)
    free.close()
    assert {one.getsockname()[1] for one in listeners} == {port}
    for one in listeners:
        one.close()


def test_one_socket_shares_its_port_with_nobody():
    (listener,) = listen("127.0.0.1", 0, 1, 8)
    with listener, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", listener.getsockname()[1], 1, 8)
