import json
import logging
from pathlib import Path

import pytest

from perennial.artifacts.manifest import DigestMismatchError
from perennial_serving.process.failure_report import REPORT_VARIABLE, write_failure_report


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def test_the_operator_reads_reason_and_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(REPORT_VARIABLE, str(tmp_path / "log"))
    write_failure_report(DigestMismatchError("model.skops is missing"))
    assert json.loads((tmp_path / "log").read_text()) == {
        "reason": "DigestMismatch",
        "message": "model.skops is missing",
        "inSpec": False,
    }


def test_an_unwritable_place_does_not_hide_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(REPORT_VARIABLE, str(tmp_path / "none" / "log"))
    write_failure_report(DigestMismatchError("model.skops is missing"))
