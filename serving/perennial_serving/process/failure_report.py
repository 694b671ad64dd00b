"""Why the process ended, left where the kubelet picks it up and the operator reads it."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from perennial.api.reasons import JobReason
from perennial.artifacts.errors import ArtifactError

if TYPE_CHECKING:
    from perennial.api.tasks import FailureReport

log = logging.getLogger(__name__)

REPORT_VARIABLE: Final = "PERENNIAL_REPORT_FILE"
_LONGEST_MESSAGE: Final = 1024


def write_failure_report(error: Exception) -> None:
    """Write down what ended the process; words that nobody can hear must not hide the error."""
    report = failure_report(error)
    log.error("%s: %s", report.reason, report.message)
    try:
        path = Path(os.environ.get(REPORT_VARIABLE, "/dev/termination-log"))
        path.write_text(report.model_dump_json(by_alias=True, exclude_none=True))
    except OSError as unwritable:
        log.warning("nobody will read this: %s", unwritable)


def failure_report(error: Exception) -> "FailureReport":
    """Return the reason and the words that the status of a ModelDeployment will show."""
    from perennial.api.tasks import FailureReport  # noqa: PLC0415 - costs a tenth of the start

    if isinstance(error, ArtifactError):
        return FailureReport(reason=error.reason, message=error.message[:_LONGEST_MESSAGE])
    message = f"{type(error).__name__}: {error}"
    return FailureReport(reason=JobReason.INTERNAL_ERROR, message=message[:_LONGEST_MESSAGE])
