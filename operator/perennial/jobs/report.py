"""Reports of a step to the operator: JSON that fits a termination message."""

import errno
from pathlib import Path

from perennial.api.dataset import QualityReport
from perennial.api.reasons import JobReason
from perennial.api.tasks import LONGEST_REPORT, FailureReport, SnapshotReport, TrainingReport
from perennial.artifacts.errors import ArtifactError

Report = SnapshotReport | TrainingReport
AnyReport = Report | FailureReport

LONGEST_MESSAGE = 1024


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
    """Return the report of a step that raised this error."""
    match error:
        case JobFailure(reason=reason, message=message, in_spec=in_spec, quality=quality):
            return FailureReport(
                reason=reason, message=_cut(message), in_spec=in_spec, quality=quality
            )
        case ArtifactError(reason=reason, message=message):
            return FailureReport(reason=reason, message=_cut(message))
        case MemoryError():
            return FailureReport(
                reason=JobReason.OUT_OF_MEMORY,
                message="memory ran out: raise resources.limits.memory of the job",
            )
        case OSError(errno=errno.ENOSPC):
            return FailureReport(
                reason=JobReason.OUT_OF_DISK,
                message="the node's disk is full: free space on it, or take fewer rows",
            )
        case _:
            message = f"{type(error).__name__}: {error}"
            return FailureReport(reason=JobReason.INTERNAL_ERROR, message=_cut(message))


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


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
