"""What no client should send stops, fills and disturbs nothing; fair callers get their own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from builders.artifact import ROW, BuiltArtifact, artifact, flights, rows_of
from doubles.server_process import ServerProcess, server_process
from fuzz.fair_requests import Known
from fuzz.mangled_requests import BODY_LIMIT, mangled
from fuzz.socket_fuzz import fuzz

DOSE = 2_000
LARGE_DOSE = 100_000
SLOWEST_SECONDS = "2"
"""How long a request may take to arrive: longer than a busy machine keeps its sender waiting."""


@pytest.fixture
def built(tmp_path: Path) -> BuiltArtifact:
    return artifact(tmp_path / "model")


@pytest.fixture
def known(built: BuiltArtifact) -> list[Known]:
    """Rows that the model answers differently: an answer tells whose it is."""
    rows = rows_of(flights(64, seed=5))
    answers = built.predictor.answer_rows(rows).matching(built.predictor.schema)
    return [Known(row, answer) for row, answer in zip(rows, answers, strict=True)]


@pytest.fixture
def server(built: BuiltArtifact, tmp_path: Path) -> Iterator[ServerProcess]:
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_MAX_BODY_BYTES": str(BODY_LIMIT),
        "PERENNIAL_HEADER_SECONDS": SLOWEST_SECONDS,
        "PERENNIAL_BODY_SECONDS": SLOWEST_SECONDS,
    }
    with server_process("serve", tmp_path, environment) as running:
        running.until_ready()
        yield running


@pytest.mark.parametrize("dose", [DOSE, pytest.param(LARGE_DOSE, marks=pytest.mark.long)])
def test_mangled_requests_neither_stop_nor_fill_nor_disturb_the_server(
    server: ServerProcess, known: list[Known], dose: int
):
    asyncio.run(fuzz(server.port, known, DOSE, seed=1))
    before = server.resident_bytes()
    found = asyncio.run(fuzz(server.port, known, dose, seed=2))
    assert found.complaints == []
    assert found.inputs == dose
    assert set(found.statuses) > {200, 400, 411, 413, 414, 431, 501, 505}
    assert found.fair_answers > 10
    assert server.resident_bytes() - before < 8 << 20
    assert "failed" not in server.log()
    assert server.ask("GET", "/v2/health/ready")[0] == 200


def test_the_same_seed_makes_the_same_inputs():
    first, second, known = Random(3), Random(3), [Known(ROW, {})]
    assert [mangled(first, known) for _ in range(200)] == [
        mangled(second, known) for _ in range(200)
    ]
