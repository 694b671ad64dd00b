"""Step 2 of a snapshot: select, check and sort the rows, and write them as Parquet."""

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa

from perennial.api.column_type import ColumnType
from perennial.api.dataset import DatasetSpec
from perennial.api.tasks import SnapshotTask
from perennial.artifacts.rows import RowDigest
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotColumn, SnapshotManifest
from perennial.jobs.progress import log_progress
from perennial.jobs.settings import Settings
from perennial.jobs.snapshot.columns.survey import survey
from perennial.jobs.snapshot.intake import Intake
from perennial.jobs.snapshot.order.parts import write_parts
from perennial.jobs.snapshot.quality.checks import judge
from perennial.jobs.snapshot.quality.failures import check_any_row, check_quality
from perennial.jobs.snapshot.selection import Selection
from perennial.jobs.snapshot.source.files import PREVIOUS_FILE, QUALITY_FILE, SourceFiles, csv_of
from perennial.jobs.snapshot.source.reader import Reader
from perennial.planning.dataset.contract import contract_digest

_MOST_THREADS: Final = 4


def run(task: SnapshotTask, settings: Settings) -> None:
    """Write the checked snapshot for the next step."""
    # each of Arrow's threads reads ahead: memory must not grow with the cores of a node
    pa.set_cpu_count(min(os.cpu_count() or 1, _MOST_THREADS))
    take_snapshot(task.contract, settings, datetime.now(UTC))


def take_snapshot(contract: DatasetSpec, settings: Settings, now: datetime) -> SnapshotManifest:
    """Write the snapshot of the files from prepare, and return its manifest."""
    csv = csv_of(contract.source)
    readers = [Reader(file, csv) for file in SourceFiles.left_by_prepare(settings).files]
    found = survey(readers, contract, _previous_types(settings))
    selection = Selection(readers, contract, found.types)
    scratch = settings.folder / "spill"
    intake = Intake(contract, found, scratch)
    for rows in selection.rows():
        intake.take(rows)
    if contract.time_column is not None:
        intake.tallies[contract.time_column].add_missing(selection.rows_without_time)
    check_any_row(intake.rows, selection)
    quality = judge(intake.evidence(now))
    check_quality(quality, intake.tallies)
    manifest = _write(intake, contract, settings)
    (settings.output / SNAPSHOT_FILE).write_text(manifest.model_dump_json(by_alias=True))
    (settings.output / QUALITY_FILE).write_text(quality.model_dump_json(by_alias=True))
    shutil.rmtree(scratch)
    log_progress(f"wrote {manifest.rows:,} rows, {manifest.bytes:,} bytes, {manifest.digest}")
    return manifest


def _write(intake: Intake, contract: DatasetSpec, settings: Settings) -> SnapshotManifest:
    digest = RowDigest(intake.tallies)
    files = write_parts(intake.in_order(), settings.output, digest)
    oldest, newest = intake.times()
    hexdigests = digest.hexdigests()
    return SnapshotManifest(
        contract=contract_digest(contract),
        rows=digest.rows,
        from_=oldest,
        to=newest,
        columns=tuple(
            SnapshotColumn(
                name=name,
                type=tally.kind,
                nullable=tally.declared is None or tally.declared.nullable is not False,
                sha256=hexdigests[name],
            )
            for name, tally in intake.tallies.items()
        ),
        files=tuple(files),
    )


def _previous_types(settings: Settings) -> Mapping[str, ColumnType]:
    file = settings.input / PREVIOUS_FILE
    if not file.exists():
        return {}
    return SnapshotManifest.model_validate_json(file.read_bytes()).types()
