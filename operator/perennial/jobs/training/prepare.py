"""Step 1 of a training: download and verify the snapshot, and split its rows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from perennial.api.estimators import mistakes
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.s3 import connect
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.artifacts.store import ObjectStore
from perennial.jobs.progress import log_progress, timed
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.stored_snapshot import fetch_snapshot
from perennial.jobs.table.inputs import check_group, inputs_of, target_of
from perennial.jobs.table.rows import HELD_OUT_FILE, TRAIN_FILE
from perennial.jobs.table.split import method_of, newest_rows, random_groups, random_rows
from perennial.jobs.table.target import check_parts, check_rows

SNAPSHOT_FOLDER = "snapshot"


def run(task: TrainingTask, settings: Settings) -> None:
    """Write the training and the held-out rows of a verified snapshot for the next steps."""
    prepare(task, settings, connect(settings.store_location()))


def prepare(task: TrainingTask, settings: Settings, store: ObjectStore) -> None:
    """Write the training and the held-out rows of a verified snapshot for the next steps."""
    check_recipe(task)
    folder = settings.input / SNAPSHOT_FOLDER
    with timed("download"):
        snapshot = fetch_snapshot(store, task.snapshot.path, task.snapshot.digest, folder)
    with timed("split"):
        part(snapshot, task, settings.input)


def check_recipe(task: TrainingTask) -> None:
    """Raise if scikit-learn would reject the recipe."""
    if found := mistakes(task.recipe, task.problem):
        raise JobFailure(JobReason.INVALID_SPEC, "; ".join(found), in_spec=True)


def part(snapshot: SnapshotManifest, task: TrainingTask, folder: Path) -> None:
    """Write both parts and the manifest of the snapshot; the rows keep their order."""
    target_of(snapshot, task)
    inputs_of(snapshot, task)
    check_group(snapshot, task)
    files = snapshot.parts(folder / SNAPSHOT_FOLDER)
    parts = _parted(_deciding_columns(files, task), task)
    _write(files, parts.train, folder / TRAIN_FILE)
    _write(files, parts.held_out, folder / HELD_OUT_FILE)
    (folder / SNAPSHOT_FILE).write_text(snapshot.model_dump_json(by_alias=True))
    log_progress(str(parts))


@dataclass(frozen=True, slots=True)
class Parts:
    """Masks of the training and the held-out rows; the others have no target or no time."""

    train: NDArray[np.bool_]
    held_out: NDArray[np.bool_]

    def __str__(self) -> str:
        """Return the number of rows of each part."""
        left_out = len(self.train) - self.train.sum() - self.held_out.sum()
        return (
            f"{self.train.sum()} training rows, {self.held_out.sum()} held out, "
            f"{left_out} left out because they have no target or no time"
        )


def _deciding_columns(files: list[Path], task: TrainingTask) -> pa.Table:
    time = task.snapshot.time_column if method_of(task) == "Time" else None
    names = {name for name in (task.target, time, task.split.column) if name}
    return pa.concat_tables(pq.read_table(file, columns=sorted(names)) for file in files)


def _parted(rows: pa.Table, task: TrainingTask) -> Parts:
    """Assign each row that has a target, and a time if the split is by time."""
    complete = np.ones(len(rows), dtype=bool)
    for name in {task.target, task.snapshot.time_column} & set(rows.column_names):
        complete &= rows.column(name).is_valid().to_numpy()
    known = rows.filter(pa.array(complete))
    check_rows(task, known.column(task.target))
    chosen = _held_out(known, task)
    if not chosen.any() or chosen.all():
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"spec.training.split: all rows share one {task.split.column or 'moment'}, so none "
            "can be held out; take method: Random",
            in_spec=True,
        )
    check_parts(task, known.column(task.target), chosen)
    held_out = np.zeros(len(rows), dtype=bool)
    held_out[complete] = chosen
    return Parts(train=complete & ~held_out, held_out=held_out)


def _held_out(rows: pa.Table, task: TrainingTask) -> NDArray[np.bool_]:
    share, seed = float(task.split.holdout), task.split.seed
    match method_of(task):
        case "Time":
            return newest_rows(rows.column(task.snapshot.time_column).to_numpy(), share)
        case "Group":
            groups = rows.column(task.split.column).cast(pa.string()).fill_null("").to_pylist()
            return random_groups(groups, share, seed)
        case "Random":
            return random_rows(len(rows), share, seed)


def _write(files: list[Path], mask: NDArray[np.bool_], path: Path) -> None:
    """Copy the rows of the mask, file by file."""
    first = 0
    with pq.ParquetWriter(path, pq.read_schema(files[0])) as writer:
        for file in files:
            rows = pq.read_table(file)
            writer.write_table(rows.filter(pa.array(mask[first : first + len(rows)])))
            first += len(rows)
