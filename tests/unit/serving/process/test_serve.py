import logging
import subprocess
import sys

import pytest

from perennial.api.kinds import KINDS
from perennial_serving.process.serve import prediction_key
from perennial_serving.settings import ServeSettings

SETTINGS = ServeSettings.model_construct(key=None)
LIBRARIES = ("sklearn", "pandas", "scipy", "skops", "boto3", "pyarrow", "starlette", "uvicorn")

RESOURCES = tuple(f"perennial.api.{kind.stem}" for kind in KINDS)


def test_the_deployments_key_is_used():
    assert prediction_key(ServeSettings.model_construct(key=b"k" * 32)) == b"k" * 32


def test_without_a_key_each_process_has_its_own_and_says_so(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        keys = {prediction_key(SETTINGS) for _ in range(3)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 3
    assert "until this process ends" in caplog.text


@pytest.mark.parametrize("absent", [LIBRARIES, RESOURCES], ids=["libraries", "resources"])
def test_a_server_of_compiled_models_imports_nothing_of_training(absent: tuple[str, ...]):
    code = (
        "import sys, perennial_serving.process.serve, perennial_serving.process.asgi\n"
        "import perennial_serving.model.compiled, threading\n"
        f"print([one for one in {absent} if one in sys.modules], threading.active_count())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[] 1\n"
