from pathlib import Path

import pytest

from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings


def test_the_defaults_are_those_of_the_operators_pods():
    settings = Settings.from_environment({})
    assert settings.input == Path("/var/run/perennial/input")
    assert settings.source == Path("/var/run/perennial/source")
    assert settings.output == Path("/var/run/perennial/output")
    assert settings.task_file == Path("/etc/perennial/task.json")
    assert settings.report_file == Path("/dev/termination-log")


def test_the_environment_may_say_otherwise():
    settings = Settings.from_environment(
        {"PERENNIAL_FOLDER": "/a", "PERENNIAL_STORE": '{"bucket": "data"}'}
    )
    assert settings.input == Path("/a/input")
    assert settings.store_location().bucket == "data"


def test_a_step_without_a_store_says_so_when_it_needs_one():
    with pytest.raises(JobFailure, match="PERENNIAL_STORE is not set"):
        Settings().store_location()
