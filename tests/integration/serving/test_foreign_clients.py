"""Clients that others wrote, each in an environment of its own, understand and are understood."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from builders.artifact import INPUTS, MODEL, VERSION, BuiltArtifact, artifact, flights
from doubles.server_process import server_process
from harness import foreign
from harness.isolated import Environment

FOREIGN = Path(__file__).parent / "foreign"
FEW, MANY = 9, 3000
"""Answers to few rows are sent as they are, those to many are compressed."""
ASKED: tuple[tuple[Literal["bool", "str", "int"], int], ...] = (
    ("bool", FEW),
    ("int", FEW),
    ("str", MANY),
)
LONGEST_SECONDS = 120
PAGE = Path(__file__).parents[3] / "docs/requesting-predictions.md"


class ParsedRows:
    """A running server, and what its model says of some rows."""

    def __init__(self, built: BuiltArtifact, port: int, rows: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.rows = rows
        self.columns = _complete(flights(2 * rows), rows)
        rows = [
            dict(zip(self.columns, row, strict=True))
            for row in zip(*self.columns.values(), strict=True)
        ]
        answers = built.predictor.answer_rows(rows)
        self.predictions = list(answers.predictions)
        self.probabilities = answers.probabilities.ravel().tolist()
        self.classes = built.predictor.schema.classes

    def by(self, client: Environment, script: str) -> dict:
        """Run a client and return what it saw."""
        told = {"address": self.address, "model": MODEL, "version": VERSION}
        command = [client.program("python"), FOREIGN / script]
        return json.loads(_output(command, json.dumps({**told, "columns": self.columns})))

    def agrees(self, answer: dict) -> None:
        """Raise unless an answer is what the trained pipeline says."""
        assert answer["predict"] == self.predictions
        probabilities = answer["predict_proba"]
        if isinstance(probabilities[0], list):
            probabilities = [one for line in probabilities for one in line]
        assert probabilities == pytest.approx(self.probabilities, rel=1e-9, abs=1e-9)
        ids = answer.get("prediction_id")
        assert ids is None or len(set(ids)) == len(self.predictions)


def _output(command: list[str | Path], told: str = "") -> str:
    done = subprocess.run(
        command, input=told, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _complete(columns: dict[str, list], count: int) -> dict[str, list]:
    """Return the first rows in which nothing is missing: binary tensors cannot say so."""
    rows = zip(*columns.values(), strict=True)
    complete = [row for row in rows if None not in row][:count]
    return dict(zip(columns, map(list, zip(*complete, strict=True)), strict=True))


def _codings(answers: dict[str, dict]) -> dict[str, str]:
    """Return the answers that came compressed, and how."""
    return {name: one["coding"] for name, one in answers.items() if one["coding"]}


@pytest.fixture(scope="module", params=ASKED, ids="{0[0]}-{0[1]}".format)
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ParsedRows]:
    classes, rows = request.param
    folder = tmp_path_factory.mktemp(classes)
    built = artifact(folder / "model", classes=classes)
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
    }
    with server_process("serve", folder, environment) as server:
        server.until_ready()
        yield ParsedRows(built, server.port, rows)


def test_tritonclient_is_answered_in_json_in_binary_and_compressed(asked: ParsedRows):
    saw = asked.by(foreign.TRITONCLIENT, "triton.py")
    assert saw["server"]["extensions"] == ["binary_tensor_data"]
    assert saw["model"]["platform"] == "perennial_compiled"
    assert [one["name"] for one in saw["model"]["inputs"]] == [one.name for one in INPUTS]
    assert [saw["live"], saw["ready"], saw["model ready"], saw["other ready"]] == [
        *(True, True, True, False)
    ]
    assert saw["refused"].startswith("400 the tensor")
    assert saw["answers"]["binary"]["id"] == "42"
    assert len(saw["answers"]) == 7
    compressed = {f"binary in {coding}": coding for coding in ("gzip", "deflate")}
    assert _codings(saw["answers"]) == (compressed if asked.rows == MANY else {})
    for answer in saw["answers"].values():
        asked.agrees(answer)


def test_the_example_of_the_documentation_runs(asked: ParsedRows):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    example = example.replace("localhost:8080", asked.address)
    assert _output([foreign.TRITONCLIENT.program("python"), "-c", example]).startswith("[")


def test_kserves_client_is_answered_in_json_and_in_binary(asked: ParsedRows):
    saw = asked.by(foreign.KSERVE, "kserve_client.py")
    assert [saw["live"], saw["ready"], saw["model ready"], saw["other ready"]] == [
        *(True, True, True, False)
    ]
    assert saw["refused"].startswith("there are no tensors, '400")
    assert len(saw["answers"]) == 4
    assert _codings(saw["answers"]) == (
        dict.fromkeys(saw["answers"], "gzip") if asked.rows == MANY else {}
    )
    for answer in saw["answers"].values():
        assert answer["id"] == "42"
        asked.agrees(answer)


def test_requests_of_mlservers_codecs_are_answered(asked: ParsedRows):
    saw = asked.by(foreign.MLSERVER, "mlserver_codecs.py")
    assert saw["frame"] == [asked.rows, len(INPUTS)]
    for answer in saw["answers"].values():
        asked.agrees(answer)
    assert saw["decoded"]["predict_proba"] == pytest.approx(asked.probabilities, rel=1e-9)
