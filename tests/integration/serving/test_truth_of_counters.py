"""What a server exports is what numpy counts, though a worker is killed on the way."""

import json
import os
import signal
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.artifact import INPUTS, BuiltArtifact, artifact, flights, rows_of
from doubles.server_process import ServerProcess, server_process
from perennial.artifacts.frame import frame_of_rows
from perennial.artifacts.profile import PROFILE_FILE, Profile

ROWS, PIECE, CLIENTS = 50_000, 20, 24

Bins = Counter[tuple[str, str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    return artifact(tmp_path_factory.mktemp("built") / "model")


def pieces() -> list[list[dict]]:
    """Return rows that training did not see the like of, too, in requests of some rows each."""
    random, rows = np.random.default_rng(3), rows_of(flights(ROWS, seed=3))
    for row in random.integers(0, ROWS, 2000):
        rows[row]["dep_delay"] = float(random.choice([-1e9, 1e9, -0.0]))
        rows[row]["carrier"] = random.choice(["XX", "YY"])
    return [rows[start : start + PIECE] for start in range(0, ROWS, PIECE)]


def bins_of(rows: list[dict], profile: Profile) -> Bins:
    frame, found = frame_of_rows(INPUTS, rows), Counter()
    for one in profile.numbers:
        values = frame[one.name].to_numpy()
        names = np.array(one.bins)[np.digitize(values, one.edges, right=True)]
        names[np.isnan(values)] = "missing"
        found += Counter((one.name, str(name)) for name in names)
    trained = {one: set(flights(200)[one]) - {None} for one in ("carrier", "dest")}
    for one in profile.categories:
        places = {value: str(place) for place, value in enumerate(one.kept, start=1)}
        places |= dict.fromkeys(trained[one.name] - set(one.kept), "other")
        texts = (row[one.name] for row in rows)
        found += Counter(
            (one.name, "missing" if text is None else places.get(text, "unseen")) for text in texts
        )
    return found


class Clients:
    """Callers on kept connections; whose connection breaks cannot know whether it was counted."""

    def __init__(self, server: ServerProcess, work: list[list[dict]]) -> None:
        self.server = server
        self.left = list(enumerate(work))
        self.answered: list[int] = []
        self.unknown: list[int] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._ask_all) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask_all(self) -> None:
        while self.left:
            with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=60)) as connection:
                self._ask(connection)

    def _ask(self, connection: HTTPConnection) -> None:
        while self.left:
            number, rows = self.left.pop()
            try:
                connection.request("POST", "/predict", json.dumps({"rows": rows}))
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                self.unknown.append(number)
                return
            assert response.status == 200
            self.answered.append(number)


def exported(server: ServerProcess) -> Bins:
    time.sleep(0.4)  # rings are counted every quarter of a second
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    return Counter(
        {
            (sample.labels["feature"], sample.labels["bin"]): int(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "perennial_feature_bin_total" and sample.value
        }
    )


def kill_busiest_worker(server: ServerProcess, clients: Clients, half: int) -> None:
    """Wait until half of the answers are there, and kill the worker that gave most of them."""
    while len(clients.answered) < half:
        time.sleep(0.01)
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    os.kill(max(map(int, children.split()), key=processor_time), signal.SIGKILL)


def processor_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


@pytest.mark.timeout(240)
def test_bins_of_fifty_thousand_rows_are_exact_over_four_workers_and_two_starts(
    built: BuiltArtifact, tmp_path: Path
):
    profile = Profile.model_validate_json((built.folder / PROFILE_FILE).read_text())
    work, found, answered, unknown = pieces(), Counter(), [], []
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_WORKERS": "4",
    }
    for half in (range(len(work) // 2), range(len(work) // 2, len(work))):
        with server_process("serve", tmp_path, environment) as server:
            server.until_ready()
            clients = Clients(server, [work[number] for number in half])
            part = len(half) // 2
            killing = threading.Thread(target=kill_busiest_worker, args=(server, clients, part))
            killing.start()
            clients.run()
            killing.join()
            assert clients.unknown, "the killed worker had nothing to answer"
            server.until_ready()
            found += exported(server)
            server.terminate()
            assert server.ended(within=30) == 0
        answered += [half[number] for number in clients.answered]
        unknown += [half[number] for number in clients.unknown]
    assert len(answered) + len(unknown) == len(work)
    assert len(unknown) < CLIENTS
    known = bins_of([row for number in answered for row in work[number]], profile)
    perhaps = [bins_of(work[number], profile) for number in unknown]
    chosen = (combinations(perhaps, size) for size in range(len(perhaps) + 1))
    assert any(known + sum(some, Counter()) == found for some in chain.from_iterable(chosen))
