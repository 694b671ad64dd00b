"""A step as the process that a container starts."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from builders.snapshot import contract
from perennial.api.tasks import SnapshotTask

pytestmark = pytest.mark.integration


@pytest.fixture
def start(tmp_path):
    """Start a step whose object store is at this address."""

    def start(step, address):
        task = SnapshotTask(dataset="flights", namespace="delays", contract=contract())
        (tmp_path / "task.json").write_text(task.model_dump_json(by_alias=True))
        location = {"endpoint": f"http://{address[0]}:{address[1]}", "bucket": "bucket"}
        environment = {
            **os.environ,
            "PYTHONPATH": ":".join(sys.path),
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "NO_PROXY": "*",
            "PERENNIAL_STORE": json.dumps(location),
            "PERENNIAL_FOLDER": str(tmp_path / "pod"),
            "PERENNIAL_TASK_FILE": str(tmp_path / "task.json"),
            "PERENNIAL_REPORT_FILE": str(tmp_path / "report.json"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "perennial.jobs", "snapshot", step], env=environment
        )

    return start


def test_a_step_that_is_told_to_stop_ends_at_once(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = start("prepare", silent.getsockname())
        connection, _ = silent.accept()  # from here on it waits for an answer
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 2
        connection.close()
    assert not (tmp_path / "report.json").exists()


def test_a_step_that_fails_ends_with_one_and_a_report(start, tmp_path):
    assert start("work", ("127.0.0.1", 9)).wait(60) == 1
    assert json.loads((tmp_path / "report.json").read_text())["reason"] == "InternalError"
