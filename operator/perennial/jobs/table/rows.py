"""The rows of one part of a snapshot: features, target and groups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from perennial.api.tasks import TrainingTask
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.model_schema import Input
from perennial.jobs.table.split import method_of
from perennial.jobs.table.target import Target, target_values

TRAIN_FILE = "train.parquet"
HELD_OUT_FILE = "held-out.parquet"


@dataclass(frozen=True, slots=True)
class Rows:
    """Features and target of some rows."""

    frame: pd.DataFrame
    target: Target
    groups: NDArray[np.int64] | None
    """Number of the group of each row; None unless the split is by group."""
    times: NDArray[np.float64] | None = None
    """Seconds since 1970, NaN where missing; None if the Dataset has no time column."""

    def take(self, positions: NDArray[np.int64]) -> Self:
        """Return some of the rows."""
        groups = None if self.groups is None else self.groups[positions]
        frame = self.frame.iloc[positions]
        times = None if self.times is None else self.times[positions]
        return replace(self, frame=frame, target=self.target[positions], groups=groups, times=times)


def read_rows(path: Path, inputs: Sequence[Input], task: TrainingTask) -> Rows:
    """Read one part; a split by time also sorts its rows by time."""
    names = [column.name for column in inputs]
    time, group = task.snapshot.time_column, task.split.column
    order = time if method_of(task) == "Time" else None
    wanted = dict.fromkeys(name for name in (task.target, time, group) if name)
    other = [name for name in wanted if name not in names]
    table = pq.read_table(path, columns=[*names, *other])
    if order is not None:
        table = table.take(pc.sort_indices(table, sort_keys=[(order, "ascending")]))
    return Rows(
        frame=canonical_frame(inputs, table.select(names).to_pandas()),
        target=target_values(table.column(task.target), task.problem),
        groups=None if group is None else _numbered(table.column(group)),
        times=None if time is None else _seconds(table.column(time)),
    )


def _seconds(cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return seconds since 1970; NaN where a time is missing."""
    whole = cells.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    seconds: NDArray[np.float64] = pc.cast(whole, pa.float64(), safe=False).to_numpy() / 1e6
    return seconds


def _numbered(cells: pa.ChunkedArray) -> NDArray[np.int64]:
    """Number the groups in the order of their first rows; missing values form one group."""
    encoded = cells.combine_chunks().dictionary_encode("encode")
    numbers: NDArray[np.int64] = encoded.indices.to_numpy().astype(np.int64)
    return numbers
