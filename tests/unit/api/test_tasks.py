import json

from perennial.api.dataset import QualityReport
from perennial.api.digests import digest_of
from perennial.api.gate import Outcome
from perennial.api.model import Metric
from perennial.api.model_version import Measure
from perennial.api.reasons import JobReason
from perennial.api.tasks import (
    LONGEST_REPORT,
    FailureReport,
    SnapshotReport,
    SnapshotTask,
    TrainingReport,
)
from perennial.api.tier import Tier

DIGEST = digest_of("anything")
WIDEST = Measure(value="-0.123456789012345", low="-0.123456789012345", high="-0.123456789012345")


def test_a_task_is_read_back_as_it_was_written():
    task = SnapshotTask.model_validate(
        {
            "dataset": "churn",
            "namespace": "customers",
            "contract": {"source": {"object": {"path": "raw/churn.csv"}}},
        }
    )
    assert SnapshotTask.model_validate_json(task.model_dump_json(by_alias=True)) == task


def test_a_report_of_every_measure_fits_into_a_termination_message():
    report = TrainingReport(
        path=f"perennial/{'n' * 63}/artifacts/{'0' * 64}/",
        digest=DIGEST,
        bytes=10**9,
        estimator="HistGradientBoostingClassifier",
        parameters={"learning_rate": "0.1", "max_iter": "200"},
        metric=Metric.ROC_AUC,
        samples=10**6,
        metrics=dict.fromkeys(list(Metric)[:9], WIDEST),
        tier=Tier.COMPILED,
        compared_rows=10**6,
        largest_difference=5.551115123125783e-16,
    )
    assert len(report.model_dump_json(by_alias=True)) < LONGEST_REPORT


def test_a_report_without_a_tier_speaks_of_the_whole_pipeline():
    report = TrainingReport.model_validate(
        {
            "path": "a/",
            "digest": DIGEST,
            "bytes": 1,
            "estimator": "SVC",
            "parameters": {},
            "metric": "roc_auc",
            "samples": 1,
            "metrics": {},
        }
    )
    assert (report.tier, report.compared_rows) == ("Pipeline", 0)


def test_a_report_of_a_newer_job_is_still_read():
    report = {
        "digest": DIGEST,
        "path": "perennial/customers/snapshots/0/",
        "rows": 1,
        "bytes": 1,
        "quality": {"outcome": "Passed", "passed": 3},
        "colour": "blue",
    }
    assert SnapshotReport.model_validate(report).quality == QualityReport(
        outcome=Outcome.PASSED, passed=3
    )


def test_a_failure_lies_outside_the_spec_unless_it_says_otherwise():
    report = FailureReport(reason=JobReason.NO_ROWS, message="the window holds no rows")
    assert not report.in_spec
    assert json.loads(report.model_dump_json(by_alias=True))["reason"] == "NoRows"
