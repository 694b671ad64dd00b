"""The server as a process: what makes it ready, what keeps it from that, and how it ends."""

import json
import shutil
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact, artifact, sealed
from builders.server_process import ServerProcess, server_process


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


def test_a_ready_server_answers_as_the_pipeline_does(server: ServerProcess, built: BuiltArtifact):
    rows = [{**ROW, "dep_delay": float(delay)} for delay in range(50)]
    status, answer = server.ask("POST", "/predict", {"rows": rows})
    assert status == 200
    assert answer["predictions"] == list(
        built.predictor.answer_rows(rows).spelled(built.predictor.schema)
    )
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
