import json
import logging
from pathlib import Path

import pytest

from perennial.api.reasons import JobReason
from perennial.artifacts.manifest import DigestMismatchError
from perennial_serving.process.failure_report import (
    REPORT_VARIABLE,
    failure_report,
    write_failure_report,
)


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


def test_an_unforeseen_error_is_told_with_its_kind():
    report = failure_report(OSError(98, "Address already in use"))
    assert report.reason is JobReason.INTERNAL_ERROR
    assert report.message == "OSError: [Errno 98] Address already in use"


def test_long_words_fit():
    assert len(failure_report(ValueError("x" * 5000)).message) == 1024


def test_an_unwritable_place_does_not_hide_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(REPORT_VARIABLE, str(tmp_path / "none" / "log"))
    write_failure_report(DigestMismatchError("model.skops is missing"))
