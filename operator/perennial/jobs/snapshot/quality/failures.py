"""Failures of a snapshot, each as one line."""

from collections.abc import Mapping

from perennial.api.dataset import QualityReport
from perennial.api.gate import Outcome
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.quality.checks import sentence
from perennial.jobs.snapshot.quality.tallies import ColumnTally
from perennial.jobs.snapshot.selection import Selection


def check_any_row(rows: int, selection: Selection) -> None:
    """Raise if no rows remain; the message names the step that removed them."""
    if rows:
        return
    if not selection.rows_read:
        why = "the source has no rows: upload files with rows"
    elif not selection.rows_filtered:
        why = f"spec.filter keeps none of the {selection.rows_read:,} rows: correct its values"
    else:
        why = (
            f"none of the {selection.rows_filtered:,} rows has a time {selection.window}: correct "
            "spec.window, or upload newer rows"
        )
    raise JobFailure(JobReason.NO_ROWS, why)


def check_quality(quality: QualityReport, tallies: Mapping[str, ColumnTally]) -> None:
    """Raise if a check failed; the message is the first failure, the report has all of them."""
    failed = [check for check in quality.checks if check.outcome is Outcome.FAILED]
    if not failed:
        return
    for tally in tallies.values():
        if _is_of_another_type(tally):
            raise JobFailure(
                JobReason.SCHEMA_MISMATCH,
                f"{tally.name}: none of its {tally.unreadable.values:,} values is of type "
                f"{tally.kind}, the first {tally.unreadable.first}; correct its type under "
                "columns, or the source",
                quality=quality,
            )
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    raise JobFailure(
        JobReason.QUALITY_FAILED,
        f"{sentence(failed[0])}{more}; correct the source or the contract",
        quality=quality,
    )


def _is_of_another_type(tally: ColumnTally) -> bool:
    present = tally.rows - tally.missing
    return present > 0 and tally.unreadable.values == present
