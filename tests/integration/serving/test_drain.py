"""A pod is deleted under load: whoever was connected gets every answer."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from builders.artifact import ROW, artifact
from doubles.server_process import ServerProcess, server_process

BODY = json.dumps(ROW)


@dataclass
class Caller:
    """Asks on one kept-alive connection until the server asks it to connect anew."""

    port: int
    pause: float = 0.0
    answered: int = 0
    told_to_leave: bool = False
    failures: list[str] = field(default_factory=list)

    def call(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.auto_open = 0  # a lost connection is a failure, not a reason to connect anew
        connection.connect()
        while not self.told_to_leave and not self.failures:
            try:
                connection.request("POST", "/predict", BODY)
                response = connection.getresponse()
                response.read()
            except Exception as error:  # noqa: BLE001 - whatever it is, a request was lost
                self.failures.append(repr(error))
                break
            if response.status != 200:
                self.failures.append(f"status {response.status}")
            self.answered += 1
            self.told_to_leave = response.getheader("connection") == "close"
            time.sleep(self.pause)
        connection.close()


def begin(callers: Sequence[Caller]) -> list[threading.Thread]:
    threads = [threading.Thread(target=caller.call) for caller in callers]
    for thread in threads:
        thread.start()
    return threads


@contextmanager
def serving(folder: Path, drain_seconds: int, workers: int = 1) -> Iterator[ServerProcess]:
    built = artifact(folder / "model")
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_DRAIN_SECONDS": str(drain_seconds),
        "PERENNIAL_WORKERS": str(workers),
    }
    with server_process("serve", folder, environment) as running:
        running.until_ready()
        yield running


@pytest.mark.parametrize("workers", [1, 3])
def test_a_server_deleted_under_load_loses_no_request_and_ends_when_all_have_left(
    tmp_path: Path, workers: int
):
    with serving(tmp_path, drain_seconds=60, workers=workers) as server:
        callers = [Caller(server.port, pause) for pause in (0.0, 0.0, 0.0, 0.01, 0.1, 0.5, 2.0)]
        threads = begin(callers)
        time.sleep(1.0)
        server.terminate()
        time.sleep(0.2)
        late = Caller(server.port)  # not everybody has learned yet that the pod is leaving
        late.call()
        for thread in threads:
            thread.join()
        callers.append(late)
        assert [failure for caller in callers for failure in caller.failures] == []
        assert all(caller.told_to_leave and caller.answered for caller in callers)
        assert server.ended(within=20) == 0


def test_an_idle_connection_holds_up_the_end_no_longer_than_allowed(tmp_path: Path):
    with serving(tmp_path, drain_seconds=2) as server:
        idle = HTTPConnection("127.0.0.1", server.port, timeout=5)
        idle.connect()
        began = time.monotonic()
        server.terminate()
        assert server.ended(within=20) == 0
        assert time.monotonic() - began > 1.9
        idle.close()


def test_a_server_that_is_told_to_end_accepts_connections_for_five_seconds(tmp_path: Path):
    """Some nodes learn late that a pod is leaving: their clients connect after long pauses."""
    with serving(tmp_path, drain_seconds=60, workers=2) as server:
        server.terminate()
        began = time.monotonic()
        time.sleep(0.2)  # the signal reaches the workers
        callers = []
        while time.monotonic() - began < 4.0:
            callers.append(Caller(server.port))
            callers[-1].call()
            time.sleep(0.8)  # longer than a server without connections waits afterwards
        assert [failure for caller in callers for failure in caller.failures] == []
        assert all(caller.told_to_leave and caller.answered == 1 for caller in callers)
        assert server.ended(within=20) == 0
        assert 4.9 < time.monotonic() - began < 10


def test_callers_that_connect_anew_each_time_are_answered_until_they_stop(tmp_path: Path):
    with serving(tmp_path, drain_seconds=60, workers=2) as server:
        server.terminate()
        began, answered = time.monotonic(), 0
        while time.monotonic() - began < 1.5:
            assert server.ask("POST", "/predict", ROW)[0] == 200
            answered += 1
        assert answered > 50
        assert server.ended(within=20) == 0
        assert time.monotonic() - began < 6


@pytest.mark.parametrize("workers", [1, 2])
def test_who_waits_at_the_socket_of_a_worker_that_dies_meanwhile_is_answered(
    tmp_path: Path, workers: int
):
    with serving(tmp_path, drain_seconds=60, workers=workers) as server:
        waiting = HTTPConnection("127.0.0.1", server.port, timeout=20)
        waiting.connect()  # keeps its worker from having no connection
        server.terminate()
        time.sleep(0.2)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        callers = [Caller(server.port) for _ in range(8)]
        for caller in callers:
            caller.call()
        assert [failure for caller in callers for failure in caller.failures] == []
        assert all(caller.told_to_leave for caller in callers)
        assert server.ended(within=20) == 0
        waiting.close()


def change_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)


def test_a_worker_that_cannot_be_ready_again_ends_the_process_and_costs_the_others_callers_nothing(
    tmp_path: Path,
):
    with serving(tmp_path, drain_seconds=60, workers=2) as server:
        early = [Caller(server.port, pause=0.01) for _ in range(12)]
        late = [Caller(server.port, pause) for pause in (0.0, 0.01, 0.1, 0.5) * 3]
        threads = begin(early)
        time.sleep(0.5)
        change_a_byte(tmp_path / "model" / "model.skops")
        os.kill(server.workers()[0], signal.SIGKILL)
        threads += begin(late)
        time.sleep(0.5)
        lost = [caller for caller in early if caller.failures]
        assert 0 < len(lost) < len(early)  # those of the worker that was killed
        assert [server.ask("GET", "/v2/health/ready")[0] for _ in range(20)] == [503] * 20
        assert server.ended(within=30) == 1
        for thread in threads:
            thread.join()
        kept = [caller for caller in (*early, *late) if caller not in lost]
        assert [failure for caller in kept for failure in caller.failures] == []
        assert all(caller.told_to_leave for caller in kept)
        assert server.report()["reason"] == "DigestMismatch"
        assert "model.skops has changed" in server.report()["message"]


def test_a_half_sent_request_is_answered_before_the_end(tmp_path: Path):
    with serving(tmp_path, drain_seconds=1) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.putrequest("POST", "/predict")
        connection.putheader("content-length", str(len(BODY)))
        connection.endheaders(BODY[:10].encode())
        server.terminate()
        time.sleep(2)  # idle callers would have been let go by now
        connection.send(BODY[10:].encode())
        assert connection.getresponse().status == 200
        connection.close()
        assert server.ended(within=20) == 0
