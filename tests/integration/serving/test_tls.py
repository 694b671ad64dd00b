"""The same answers behind TLS, from ASGI servers that others wrote, in one process each."""

import json
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact, artifact, flights, rows_of, sealed
from doubles.server_process import ServerProcess, free_port, started
from doubles.tls import HOST, Tls, self_signed
from harness import foreign
from harness.paths import ROOT
from perennial.artifacts.answers import check_answers

README = ROOT / "serving/README.md"
LONGEST_START_SECONDS = 60
LABELLED = 20


def documented() -> dict[str, str]:
    """Return the commands of the documentation, by the program that each starts."""
    commands = re.findall(
        r"^\w+ .*perennial_serving\.process\.asgi:.*$", README.read_text(), re.MULTILINE
    )
    return {command.partition(" ")[0]: command for command in commands}


COMMANDS = documented()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    return artifact(tmp_path_factory.mktemp("built") / "model")


@contextmanager
def behind_tls(
    program: str, folder: Path, model: Path, digest: str
) -> Iterator[tuple[ServerProcess, Tls]]:
    """Run the application as the documentation says, on a free port and with its own files."""
    port, tls = free_port(), self_signed(folder)
    command = COMMANDS[program].replace("0.0.0.0", HOST).replace("8443", str(port))  # noqa: S104
    command = command.replace("tls.crt", str(tls.certificate)).replace("tls.key", str(tls.key))
    argv = [foreign.ASGI_SERVERS.program(program), *command.split()[1:]]
    environment = {"PERENNIAL_MODEL": str(model), "PERENNIAL_ARTIFACT_DIGEST": digest}
    with started(argv, port, folder, environment) as process:
        yield process, tls
        process.terminate()  # its own workers end with it
        process.ended(within=20)


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def served(
    request: pytest.FixtureRequest, built: BuiltArtifact, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Tls]]:
    folder = tmp_path_factory.mktemp(request.param)
    with behind_tls(request.param, folder, built.folder, built.digest) as (process, tls):
        deadline = time.monotonic() + LONGEST_START_SECONDS
        while not is_ready(process, tls):
            assert time.monotonic() < deadline, process.log()
            assert process.process.poll() is None, process.log()
            time.sleep(0.05)
        yield process, tls


def is_ready(process: ServerProcess, tls: Tls) -> bool:
    try:
        with https(process, tls) as caller:
            return caller.get("/v2/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def https(process: ServerProcess, tls: Tls) -> httpx.Client:
    trusted = ssl.create_default_context(cafile=tls.certificate)
    return httpx.Client(base_url=f"https://{HOST}:{process.port}", verify=trusted, timeout=20)


@pytest.fixture
def caller(served: tuple[ServerProcess, Tls]) -> Iterator[httpx.Client]:
    with https(*served) as client:
        yield client


class Count:
    """The sum of the samples of a series that carry some labels, from now on."""

    def __init__(self, caller: httpx.Client, series: str, **labels: str) -> None:
        self._caller, self._series = caller, series
        self._labels = [f'{name}="{value}"' for name, value in labels.items()]
        self._before = self.read()

    def read(self) -> float:
        lines = self._caller.get("/metrics").text.splitlines()
        mine = [line for line in lines if line.startswith(self._series)]
        return sum(float(one.split()[-1]) for one in mine if all(x in one for x in self._labels))

    def grows_by(self, expected: int) -> None:
        """Wait for what was recorded to be counted, which takes a quarter of a second."""
        deadline = time.monotonic() + 5
        while self.read() - self._before < expected and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.read() - self._before == expected


def test_both_documented_servers_are_tried():
    assert sorted(COMMANDS) == ["granian", "uvicorn"]


def test_an_answer_over_tls_is_what_the_pipeline_says(caller: httpx.Client, built: BuiltArtifact):
    rows = rows_of(flights(300, seed=11))
    answer = caller.post("/predict", json={"rows": rows})
    assert answer.status_code == 200
    assert answer.headers["x-perennial-version"] == VERSION
    predictions = answer.json()["predictions"]
    assert len({one.pop("prediction_id") for one in predictions}) == len(rows)
    schema = built.predictor.schema
    check_answers(predictions, tuple(built.predictor.answer_rows(rows).matching(schema)))


def test_labels_of_its_predictions_are_counted_once(caller: httpx.Client):
    predicted = caller.post("/predict", json={"rows": [ROW] * LABELLED}).json()["predictions"]
    labels = [{"id": one["prediction_id"], "label": True} for one in predicted]
    count = Count(caller, "perennial_feedback_total", outcome="Counted")
    first = caller.post("/feedback", json={"feedback": labels}).json()
    again = caller.post("/feedback", json={"feedback": labels}).json()
    assert (first["counted"], again["counted"], again["repeated"]) == (LABELLED, 0, LABELLED)
    count.grows_by(LABELLED)


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (json.dumps({"rows": [ROW, {**ROW, "distance": "far"}]}), 400, "$.rows[1].distance"),
        (b"{", 400, "truncated"),
        (json.dumps({"rows": [ROW] * 10_001}), 413, "10000"),
    ],
    ids=["a wrong type", "no JSON", "too many rows"],
)
def test_a_mistake_is_told_and_counted(
    caller: httpx.Client, content: str | bytes, status: int, told: str
):
    count = Count(caller, "perennial_requests_total", outcome="refused", code=str(status))
    answer = caller.post("/predict", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    count.grows_by(1)


def test_a_long_body_is_refused_before_its_end_and_counted(caller: httpx.Client):
    count = Count(caller, "perennial_requests_total", outcome="refused", code="413")
    try:  # granian closes the connection in any case: it is not to be used again
        answer = caller.post("/predict", content=b" " * (9 << 20), headers={"connection": "close"})
    except httpx.TransportError:
        pass  # granian may close the connection before the rest has come
    else:
        assert (answer.status_code, "bytes" in answer.text) == (413, True)
    count.grows_by(1)
    assert caller.get("/v2/health/ready").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/predict", 405),
        ("GET", f"/v2/models/{MODEL}", 200),
        ("HEAD", f"/v2/models/{MODEL}", 200),
        ("GET", "/v2/models/another", 404),
    ],
)
def test_every_path_is_where_it_always_is(
    caller: httpx.Client, method: str, path: str, status: int
):
    answer = caller.request(method, path, headers={"x-request-id": "mine-7"})
    assert answer.status_code == status
    assert answer.headers["x-request-id"] == "mine-7"


def test_every_row_is_in_the_metrics(caller: httpx.Client):
    count = Count(caller, "perennial_rows_total", outcome="answered")
    for rows in (1, 7, 100):
        assert caller.post("/predict", json={"rows": [ROW] * rows}).status_code == 200
    count.grows_by(108)
    assert Count(caller, "perennial_model_info", model=MODEL, tier="Compiled").read() == 1


def test_granian_speaks_http_2_as_well(served: tuple[ServerProcess, Tls]):
    process, tls = served
    trusted = ssl.create_default_context(cafile=tls.certificate)
    trusted.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection((HOST, process.port), timeout=5) as plain,
        trusted.wrap_socket(plain, server_hostname=HOST) as agreed,
    ):
        best = "h2" if "granian" in process.process.args[0] else None
        assert agreed.selected_alpn_protocol() == best


def test_who_speaks_no_tls_hears_nothing_of_the_model(served: tuple[ServerProcess, Tls]):
    process, _ = served
    with pytest.raises(httpx.TransportError), httpx.Client() as plain:
        plain.get(f"http://{HOST}:{process.port}/v2")


def wrong_samples(folder: Path, built: BuiltArtifact) -> str:
    """Write what the model never answered."""
    samples = json.loads((folder / "samples.json").read_text())
    samples["rows"][4]["dep_delay"] = 1000
    (folder / "samples.json").write_text(json.dumps(samples))
    return sealed(folder, built.predictor).digest


def changed_byte(folder: Path, built: BuiltArtifact) -> str:
    """Change the model behind its manifest's back."""
    with (folder / "arrays.npz").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    return built.digest


@pytest.mark.parametrize("program", sorted(COMMANDS))
@pytest.mark.parametrize(
    ("spoil", "told"),
    [(wrong_samples, "sample row 4"), (changed_byte, "arrays.npz has changed")],
)
def test_a_model_that_is_not_what_was_trained_is_never_served(
    built: BuiltArtifact, tmp_path: Path, program: str, spoil, told: str
):
    model = shutil.copytree(built.folder, tmp_path / "model")
    with behind_tls(program, tmp_path, model, spoil(model, built)) as (process, tls):
        heard = []
        while process.process.poll() is None:
            heard.append(is_ready(process, tls))
        assert not any(heard)
        assert process.ended() > 0
        assert told in process.log()
