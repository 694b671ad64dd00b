import errno
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.api.dataset import QualityCheck, QualityReport
from perennial.api.gate import Outcome
from perennial.api.model_version import Measure
from perennial.api.reasons import JobReason
from perennial.api.tasks import LONGEST_REPORT, FailureReport, SnapshotReport, TrainingReport
from perennial.artifacts.manifest import DigestMismatchError
from perennial.jobs.report import JobFailure, compact, failure_report, write_report


def check(number):
    return QualityCheck(
        name="Missing",
        column=f"column {number}",
        outcome=Outcome.FAILED,
        observed="7.2 % missing" * 10,
        limit="at most 5 %" * 10,
    )


def quality(checks):
    return QualityReport(
        outcome=Outcome.FAILED, passed=3, checks=tuple(check(number) for number in range(checks))
    )


def test_a_failure_of_a_job_is_told_as_it_is():
    report = failure_report(
        JobFailure(JobReason.QUALITY_FAILED, "too few", in_spec=True, quality=quality(1))
    )
    assert report == FailureReport(
        reason=JobReason.QUALITY_FAILED, message="too few", in_spec=True, quality=quality(1)
    )


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        (DigestMismatchError("x is missing"), JobReason.DIGEST_MISMATCH, "x is missing"),
        (MemoryError(), JobReason.OUT_OF_MEMORY, "memory ran out"),
        (OSError(errno.ENOSPC, "no space"), JobReason.OUT_OF_DISK, "the node's disk is full"),
        (KeyError("x"), JobReason.INTERNAL_ERROR, "KeyError: 'x'"),
    ],
)
def test_other_errors_have_reasons_too(error, reason, message):
    report = failure_report(error)
    assert report.reason is reason
    assert report.message.startswith(message)
    assert not report.in_spec


def test_a_report_that_is_too_long_loses_its_last_checks_first():
    report = FailureReport(reason=JobReason.QUALITY_FAILED, message="m" * 200, quality=quality(32))
    told = FailureReport.model_validate_json(compact(report))
    assert told.message == report.message
    assert told.quality is not None
    assert 0 < len(told.quality.checks) < 32
    assert told.quality.checks == report.quality.checks[: len(told.quality.checks)]


def test_a_snapshot_report_keeps_everything_but_checks():
    report = SnapshotReport(
        digest=f"sha256:{'a' * 64}", path="p" * 1000, rows=1, bytes=1, quality=quality(32)
    )
    told = SnapshotReport.model_validate_json(compact(report))
    assert len(compact(report)) <= LONGEST_REPORT
    assert told.path == report.path


def test_a_training_report_keeps_its_numbers_and_shortens_its_reason():
    report = TrainingReport(
        path="p" * 1000,
        digest=f"sha256:{'a' * 64}",
        bytes=1,
        estimator="SVC",
        parameters={},
        metric="roc_auc",
        samples=10,
        metrics={"roc_auc": Measure(value="0.7", low="0.6", high="0.8")},
        tier_reason="\u20ac" * 512,
    )
    told = TrainingReport.model_validate_json(compact(report))
    assert len(compact(report)) <= LONGEST_REPORT
    assert told.metrics == report.metrics
    assert told.tier_reason.endswith("\u20ac…")


@settings(deadline=None)
@given(st.text(max_size=3000), st.integers(0, 32))
def test_a_failure_always_fits_and_always_is_json(message, checks):
    failure = JobFailure(JobReason.QUALITY_FAILED, message, quality=quality(checks))
    content = compact(failure_report(failure))
    assert len(content) <= LONGEST_REPORT
    assert json.loads(content)["reason"] == "QualityFailed"


def test_a_report_is_written_in_the_words_of_kubernetes(tmp_path):
    report = FailureReport(reason=JobReason.INVALID_SPEC, message="no", in_spec=True)
    write_report(report, tmp_path / "log")
    assert json.loads((tmp_path / "log").read_text()) == {
        "reason": "InvalidSpec",
        "message": "no",
        "inSpec": True,
    }
