"""The server as a process: what makes it ready, what keeps it from that, and how it ends."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact, artifact, sealed
from doubles.server_process import ServerProcess, server_process
from perennial.artifacts.answers import check_answers


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    return artifact(tmp_path_factory.mktemp("built") / "model")


@pytest.fixture
def copy(built: BuiltArtifact, tmp_path: Path) -> Path:
    return shutil.copytree(built.folder, tmp_path / "model")


def environment(folder: Path, digest: str, **more: str) -> dict[str, str]:
    return {"PERENNIAL_MODEL": str(folder), "PERENNIAL_ARTIFACT_DIGEST": digest, **more}


@pytest.fixture(scope="module")
def server(
    built: BuiltArtifact, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with server_process("serve", folder, environment(built.folder, built.digest)) as running:
        running.until_ready()
        yield running


def is_running(pid: int) -> bool:
    """A process that nobody buries stays as a zombie: it runs no more."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def kept() -> Iterator[Callable[[ServerProcess], "Kept"]]:
    """Return what makes connections that are kept until the test is over."""
    callers: list[Kept] = []

    def connect(running: ServerProcess) -> Kept:
        callers.append(Kept(running.port))
        return callers[-1]

    yield connect
    for caller in callers:
        caller.close()


def counted(running: ServerProcess, series: str) -> float:
    lines = running.text("/metrics").splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(series))


class Kept:
    """A kept-alive connection that must never be lost but to a worker's death."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=10)
        self._connection.connect()
        self._connection.auto_open = 0

    def close(self) -> None:
        self._connection.close()

    def ask_until_lost(self, rounds: int) -> int:
        answered = 0
        for _ in range(rounds):
            try:
                self._connection.request("POST", "/predict", json.dumps(ROW))
                response = self._connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                break
            assert response.status == 200
            answered += 1
        return answered


def test_a_ready_server_answers_as_the_pipeline_does(server: ServerProcess, built: BuiltArtifact):
    rows = [{**ROW, "dep_delay": float(delay)} for delay in range(50)]
    status, answer = server.ask("POST", "/predict", {"rows": rows})
    assert status == 200
    assert all(one.pop("prediction_id") for one in answer["predictions"])
    expected = built.predictor.answer_rows(rows).matching(built.predictor.schema)
    check_answers(answer["predictions"], tuple(expected))
    assert (answer["model"], answer["version"]) == (MODEL, VERSION)


def test_a_mistake_is_answered_with_its_place(server: ServerProcess):
    status, answer = server.ask("POST", "/predict", {"rows": [ROW, {**ROW, "distance": "far"}]})
    assert (status, answer["path"]) == (400, "$.rows[1].distance")


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(server: ServerProcess):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(2):
        connection.request("POST", "/predict", b" " * (9 << 20))
        assert connection.getresponse().read()
        connection.request("GET", "/v2/health/live")
        assert connection.getresponse().read()
    connection.close()


def test_a_changed_byte_is_never_served(built: BuiltArtifact, copy: Path, tmp_path: Path):
    with (copy / "model.skops").open("r+b") as file:
        file.seek(100)
        byte = file.read(1)[0]
        file.seek(100)
        file.write(bytes([byte ^ 1]))
    with server_process("serve", tmp_path, environment(copy, built.digest)) as running:
        assert running.ended() == 1
        assert running.report()["reason"] == "DigestMismatch"
        assert "model.skops has changed" in running.report()["message"]
        assert "model.skops has changed" in running.log()


def test_a_server_that_answers_its_sample_rows_otherwise_ends(
    built: BuiltArtifact, copy: Path, tmp_path: Path
):
    samples = json.loads((copy / "samples.json").read_text())
    samples["rows"][4]["dep_delay"] = 1000
    (copy / "samples.json").write_text(json.dumps(samples))
    changed = sealed(copy, built.predictor)
    with server_process("serve", tmp_path, environment(copy, changed.digest)) as running:
        assert running.ended() == 1
        assert running.report()["reason"] == "SelfCheckFailed"
        assert "sample row 4" in running.report()["message"]


def test_several_workers_are_ready_together_and_each_answers(built: BuiltArtifact, tmp_path: Path):
    several = environment(built.folder, built.digest, PERENNIAL_WORKERS="3")
    with server_process("serve", tmp_path, several) as running:
        running.until_ready()
        assert len(running.workers()) == 3
        for _ in range(30):
            assert running.ask("POST", "/predict", ROW)[0] == 200
        time.sleep(0.6)  # counts of all workers are seen by each
        series = f'perennial_rows_total{{version="{VERSION}",outcome="answered"}}'
        assert counted(running, series) == 30


def test_a_worker_that_is_killed_costs_nobody_else_an_answer(
    built: BuiltArtifact, tmp_path: Path, kept: Callable[[ServerProcess], "Kept"]
):
    several = environment(built.folder, built.digest, PERENNIAL_WORKERS="2")
    with server_process("serve", tmp_path, several) as running:
        running.until_ready()
        callers = [kept(running) for _ in range(12)]
        assert [caller.ask_until_lost(rounds=5) for caller in callers] == [5] * 12
        os.kill(running.workers()[0], signal.SIGKILL)
        survivors = sum(caller.ask_until_lost(rounds=1) for caller in callers)
        assert 0 < survivors < 12  # the connections of the other worker
        running.until_ready()
        assert len(running.workers()) == 2
        # the socket of the dead worker was never closed: whoever connected meanwhile is answered
        assert [kept(running).ask_until_lost(rounds=1) for _ in range(20)] == [1] * 20
        assert "restarting" in running.log()
        assert counted(running, "perennial_worker_deaths_total") == 1


def test_a_worker_without_its_supervisor_ends(built: BuiltArtifact, tmp_path: Path):
    with server_process("serve", tmp_path, environment(built.folder, built.digest)) as running:
        running.until_ready()
        (worker,) = running.workers()
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + 5
        while Path(f"/proc/{worker}/cmdline").exists() and is_running(worker):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_bad_setting_ends_the_process_at_once(built: BuiltArtifact, tmp_path: Path):
    wrong = environment(built.folder, built.digest, PERENNIAL_MAX_ROWS="many")
    with server_process("serve", tmp_path, wrong) as running:
        assert running.ended() == 1
        assert "PERENNIAL_MAX_ROWS" in running.report()["message"]


def test_a_store_that_cannot_be_reached_is_named(built: BuiltArtifact, tmp_path: Path):
    wrong = environment(
        tmp_path / "model",
        built.digest,
        PERENNIAL_ARTIFACT_PATH="artifacts/abc/",
        PERENNIAL_STORE='{"endpoint": "http://127.0.0.1:1", "bucket": "models"}',
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="secret",  # noqa: S106 - nobody's
    )
    with server_process("fetch", tmp_path, wrong) as running:
        assert running.ended() == 1
        assert running.report()["reason"] == "StoreUnavailable"
        assert "http://127.0.0.1:1" in running.report()["message"]
