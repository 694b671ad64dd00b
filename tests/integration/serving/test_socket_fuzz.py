"""A small dose of what no client should send; `python -m builders.socket_fuzz` throws more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from builders.artifact import ROW, artifact
from builders.mangled_requests import BODY_LIMIT, mangled
from builders.server_process import ServerProcess, server_process
from builders.socket_fuzz import fuzz, resident_bytes

DOSE = 2000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    built = artifact(tmp_path / "model")
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_MAX_BODY_BYTES": str(BODY_LIMIT),
        "PERENNIAL_HEADER_SECONDS": "0.5",
        "PERENNIAL_BODY_SECONDS": "0.5",
    }
    with server_process("serve", tmp_path, environment) as running:
        running.until_ready()
        yield running


def test_mangled_requests_neither_stop_nor_fill_nor_disturb_the_server(server: ServerProcess):
    asyncio.run(fuzz(server.port, DOSE, seed=1))
    before = resident_bytes(server.process.pid)
    found = asyncio.run(fuzz(server.port, DOSE, seed=2))
    assert found.complaints == []
    assert found.inputs == DOSE
    assert set(found.statuses) > {200, 400, 411, 413, 414, 431, 501, 505}
    assert found.fair_answers > 10
    assert resident_bytes(server.process.pid) - before < 8 << 20
    assert "failed" not in server.log()
    assert server.ask("GET", "/v2/health/ready")[0] == 200


def test_the_same_seed_makes_the_same_inputs():
    first, second = Random(3), Random(3)
    assert [mangled(first, ROW) for _ in range(200)] == [mangled(second, ROW) for _ in range(200)]
