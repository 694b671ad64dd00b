"""A container that is started again counts from zero, and what came before is not lost with it."""

import json
import os
import signal
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.artifact import INPUTS, ROW, BuiltArtifact, artifact
from doubles.server_process import ServerProcess, server_process

COUNTED_WITHIN = 0.6  # rings are counted every quarter of a second
CALLERS = 6

Counts = Counter[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    return artifact(tmp_path_factory.mktemp("built") / "model")


def environment(built: BuiltArtifact, workers: int) -> dict[str, str]:
    return {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_WORKERS": str(workers),
        "PERENNIAL_DRAIN_SECONDS": "30",
    }


class Caller:
    """One kept connection; what it was answered, in the server's words."""

    def __init__(self, server: ServerProcess) -> None:
        self.told_to_leave = False
        self.told = Counts()
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        self._connection.connect()
        self._connection.auto_open = 0

    def predict(self, rows: int) -> list[str]:
        """Ask for predictions and return their ids."""
        answer = self._ask("/predict", {"rows": [ROW] * rows})
        self.told += Counts({"answered": 1, "rows": rows})
        return [one["prediction_id"] for one in answer["predictions"]]

    def mistake(self) -> None:
        assert "error" in self._ask("/predict", {"rows": [{"carrier": "UA"}]})
        self.told["refused"] += 1

    def label(self, ids: list[str]) -> None:
        self._ask("/feedback", {"feedback": [{"id": id_, "label": True} for id_ in ids]})
        self.told["labels"] += len(ids)

    def ask_everything(self, rows: int) -> None:
        self.label(self.predict(rows))
        self.mistake()

    def ask_until_told_to_leave(self) -> None:
        while not self.told_to_leave:
            self.predict(rows=3)

    def begin(self) -> None:
        """Send the half of a request."""
        body = json.dumps(ROW).encode()
        self._connection.putrequest("POST", "/predict")
        self._connection.putheader("content-length", str(len(body)))
        self._connection.endheaders(body[:10])

    def complete(self) -> None:
        self._connection.send(json.dumps(ROW).encode()[10:])
        assert "predictions" in self._answer()
        self.told += Counts({"answered": 1, "rows": 1})

    def scrape(self) -> Counts:
        """Return the counts that stand for what callers are told."""
        self._connection.request("GET", "/metrics")
        response = self._connection.getresponse()
        return counts(response.read().decode())

    def leave(self) -> None:
        self._connection.close()

    def _ask(self, path: str, body: dict) -> dict:
        self._connection.request("POST", path, json.dumps(body))
        return self._answer()

    def _answer(self) -> dict:
        response = self._connection.getresponse()
        self.told_to_leave = response.getheader("connection") == "close"
        return json.loads(response.read())


def counts(metrics: str) -> Counts:
    found = Counts()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            match sample.name, sample.labels:
                case "perennial_requests_total", {"outcome": outcome}:
                    found[outcome] += int(sample.value)
                case "perennial_rows_total", {"outcome": "answered"}:
                    found["rows"] += int(sample.value)
                case "perennial_feature_bin_total", {"feature": name}:
                    found[name] += int(sample.value)
                case "perennial_feedback_total", {"outcome": "Counted"}:
                    found["labels"] += int(sample.value)
    return found


def expected(*told: Counts) -> Counts:
    """Return what must be counted: every row has one bin of every input."""
    total = sum(told, Counts())
    return total + Counts({one.name: total["rows"] for one in INPUTS})


def kill_all(server: ServerProcess) -> None:
    """End all processes at once, as a kernel does that is out of memory."""
    workers = server.workers()
    for pid in (server.process.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    server.process.wait()


def scraped(server: ServerProcess) -> Counts:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("GET", "/metrics")
        return counts(connection.getresponse().read().decode())


@pytest.mark.parametrize("workers", [1, 3])
def test_a_scrape_during_the_drain_holds_all_that_was_answered_until_then(
    built: BuiltArtifact, tmp_path: Path, workers: int
):
    with server_process("serve", tmp_path, environment(built, workers)) as server:
        server.until_ready()
        assert not scraped(server).total()
        prometheus, late = Caller(server), Caller(server)
        callers = [Caller(server) for _ in range(CALLERS)]
        for caller in callers:
            caller.ask_everything(rows=5)
        late.begin()
        threads = [threading.Thread(target=one.ask_until_told_to_leave) for one in callers]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        server.terminate()
        for thread in threads:
            thread.join()
        late.complete()
        time.sleep(COUNTED_WITHIN)
        before = prometheus.scrape()
        assert server.process.poll() is None
        told_before = [caller.told for caller in (*callers, late)]
        assert before == expected(*told_before)
        for caller in (*callers, late, prometheus):
            caller.leave()
        assert server.ended(within=20) == 0
    with server_process("serve", tmp_path, environment(built, workers)) as server:
        server.until_ready()
        assert not scraped(server).total()
        caller = Caller(server)
        caller.ask_everything(rows=7)
        time.sleep(COUNTED_WITHIN)
        assert before + caller.scrape() == expected(*told_before, caller.told)
        caller.leave()


def test_a_server_killed_while_idle_has_shown_all_that_it_answered(
    built: BuiltArtifact, tmp_path: Path
):
    sums, told = Counts(), Counts()
    for _ in range(3):
        with server_process("serve", tmp_path, environment(built, workers=2)) as server:
            server.until_ready()
            assert not scraped(server).total()
            callers = [Caller(server) for _ in range(CALLERS)]
            for rows, caller in enumerate(callers, start=1):
                caller.ask_everything(rows)
                told += caller.told
            time.sleep(COUNTED_WITHIN)
            sums += scraped(server)
            kill_all(server)
            for caller in callers:
                caller.leave()
    assert sums == expected(told)
    assert sums["answered"] == 3 * CALLERS
    assert sums["labels"] == sums["rows"] == 3 * sum(range(1, CALLERS + 1))
