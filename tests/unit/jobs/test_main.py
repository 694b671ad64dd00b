import json
import subprocess
import sys

import pytest

from builders.snapshot import as_csv, contract, settings
from perennial.api.tasks import SnapshotTask
from perennial.jobs.__main__ import main, run
from perennial.jobs.snapshot.source.files import SourceFile, SourceFiles


@pytest.fixture
def pod(tmp_path):
    """A pod whose prepare has left one CSV file."""
    pod = settings(tmp_path)
    pod.input.mkdir(parents=True)
    source = tmp_path / "raw.csv"
    source.write_bytes(as_csv())
    files = (SourceFile(name="raw.csv", path=source, format="CSV"),)
    SourceFiles(files=files).leave_to_work(pod)
    return pod


def tell(pod, of):
    task = SnapshotTask(dataset="flights", namespace="delays", contract=of)
    pod.task_file.write_text(task.model_dump_json(by_alias=True, exclude_defaults=True))


def report(pod):
    return json.loads(pod.report_file.read_text())


def test_a_step_that_succeeds_ends_with_zero(pod):
    tell(pod, contract())
    assert run("snapshot", "work", pod) == 0
    assert (pod.output / "snapshot.json").exists()
    assert not pod.report_file.exists()


def test_a_step_that_fails_ends_with_one_and_its_report(pod, capsys):
    tell(pod, contract(quality={"minRows": 1000}))
    assert run("snapshot", "work", pod) == 1
    told = report(pod)
    assert told["reason"] == "QualityFailed"
    assert told["message"].startswith("6 rows, at least 1000 allowed")
    assert told["quality"]["checks"][0]["name"] == "MinRows"
    assert "QualityFailed: 6 rows" in capsys.readouterr().out


def test_an_unexpected_error_is_told_without_its_stack(pod, capsys):
    pod.task_file.write_text("{}")
    assert run("snapshot", "work", pod) == 1
    assert report(pod)["reason"] == "InternalError"
    assert "Traceback" not in report(pod)["message"]
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["snapshot"], ["snapshot", "dance"], ["dance", "work"]])
def test_an_unknown_step_is_explained(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "usage: python -m perennial.jobs" in capsys.readouterr().err


def test_a_snapshot_never_loads_what_only_a_training_needs():
    """The work of a snapshot starts in a fraction of scikit-learn's import time."""
    program = (
        "import sys, perennial.jobs.__main__, perennial.jobs.snapshot.work;"
        "print([name for name in ('sklearn', 'skops', 'boto3', 'kopf') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
