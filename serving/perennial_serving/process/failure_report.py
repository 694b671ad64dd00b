"""Writes the reason why the process ended where the kubelet finds it and the operator reads it."""

import logging
import os
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

REPORT_VARIABLE: Final = "PERENNIAL_REPORT_FILE"


def write_failure_report(error: Exception) -> None:
    """Log and write the reason; a file that cannot be written must not hide the error."""
    # imported here because it takes a tenth of the start
    from perennial.artifacts.failure_report import failure_report  # noqa: PLC0415

    report = failure_report(error)
    log.error("%s: %s", report.reason, report.message)
    try:
        path = Path(os.environ.get(REPORT_VARIABLE, "/dev/termination-log"))
        path.write_text(report.model_dump_json(by_alias=True, exclude_none=True))
    except OSError as unwritable:
        log.warning("the failure report could not be written: %s", unwritable)
