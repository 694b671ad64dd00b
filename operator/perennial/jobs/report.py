"""Reports of a step to the operator: JSON that fits a termination message."""

from pathlib import Path

from perennial.api.dataset import QualityReport
from perennial.api.reasons import JobReason
from perennial.api.tasks import LONGEST_REPORT, FailureReport, SnapshotReport, TrainingReport
from perennial.artifacts.failure_report import failure_report as report_of
from perennial.artifacts.failure_report import shortened

Report = SnapshotReport | TrainingReport
AnyReport = Report | FailureReport


class JobFailure(Exception):  # noqa: N818 - a way for a Job to end, not a fault of the program
    """A step ended without a result; reason and remedy are for the user."""

    def __init__(
        self,
        reason: JobReason,
        message: str,
        *,
        in_spec: bool = False,
        quality: QualityReport | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.in_spec = in_spec
        self.quality = quality


def failure_report(error: Exception) -> FailureReport:
    """Return what a step that raised this reports to the operator."""
    if isinstance(error, JobFailure):
        return FailureReport(
            reason=error.reason,
            message=shortened(error.message),
            in_spec=error.in_spec,
            quality=error.quality,
        )
    return report_of(error)


def write_report(report: AnyReport, path: Path) -> None:
    """Write a report to the termination message."""
    path.write_bytes(compact(report))


def compact(report: AnyReport) -> bytes:
    """Return a report as JSON of at most 2 KiB: drops the last checks first, then cuts texts."""
    while len(content := _json(report)) > LONGEST_REPORT:
        shorter = _with_fewer_checks(report) or _with_shorter_text(report, len(content))
        if shorter is None:
            break
        report = shorter
    return content


def _json(report: AnyReport) -> bytes:
    return report.model_dump_json(by_alias=True, exclude_none=True).encode()


def _with_fewer_checks(report: AnyReport) -> AnyReport | None:
    quality = None if isinstance(report, TrainingReport) else report.quality
    if quality is None or not quality.checks:
        return None
    fewer = quality.model_copy(update={"checks": quality.checks[:-1]})
    return report.model_copy(update={"quality": fewer})


def _with_shorter_text(report: AnyReport, length: int) -> AnyReport | None:
    match report:
        case FailureReport(message=text):
            field = "message"
        case TrainingReport(tier_reason=str(text)):
            field = "tier_reason"
        case _:
            return None
    if len(text) <= 1:
        return None
    # a character takes up to 12 bytes in JSON, so cut what is too much and look again
    excess = max(1, (length - LONGEST_REPORT) // 12)
    return report.model_copy(update={field: f"{text[: -excess - 1]}…"})
