"""The server does what its own description says: schemathesis tries it, on a running process."""

import subprocess
from pathlib import Path

from builders.artifact import artifact
from doubles.server_process import server_process
from harness import foreign

CONFIGURATION = Path(__file__).parent / "foreign/schemathesis.toml"
SECONDS = 20
LONGEST_SECONDS = 180


def test_every_operation_answers_as_openapi_json_describes_it(tmp_path: Path):
    built = artifact(tmp_path / "model")
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
    }
    schemathesis = foreign.SCHEMATHESIS.program("schemathesis")
    with server_process("serve", tmp_path, environment) as server:
        server.until_ready()
        done = subprocess.run(
            [
                *(schemathesis, "--config-file", CONFIGURATION),
                *("run", f"http://127.0.0.1:{server.port}/openapi.json"),
                *("--phases", "examples,coverage,fuzzing"),
                *("--max-time", str(SECONDS), "--no-color", "--warnings", "off"),
                *("--generation-database", "none", "--output-truncate", "true"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[:20_000]
        assert "13 selected / 13 total" in done.stdout
        assert server.process.poll() is None
