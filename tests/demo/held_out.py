"""The flights that the model never saw, and what the training pipeline itself says of them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.bucket import Bucket
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.model_schema import Input, label_text
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.table.split import newest_rows

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows as they go over the wire, what happened, and the pipeline's own probabilities."""

    flights: pd.DataFrame
    rows: list[Row]
    happened: np.ndarray
    expected: np.ndarray


def held_out(bucket: Bucket, model: Row, version: Row) -> HeldOut:
    """Return the rows that training held out, taken from the very snapshot that it read."""
    flights = _snapshot(bucket, version["spec"]["inputs"]["dataset"]["path"])
    share = float(model["spec"]["training"]["split"]["holdout"])
    unseen = flights[newest_rows(flights["time_hour"].to_numpy(), share)]
    pipeline = trained(bucket, version)
    return HeldOut(
        flights=unseen,
        rows=wire_rows(unseen, pipeline.schema.inputs),
        happened=unseen[pipeline.schema.target].to_numpy(dtype=bool),
        expected=probabilities(pipeline, unseen),
    )


def trained(bucket: Bucket, version: Row) -> TrainedPipeline:
    """Return the pipeline of a version."""
    with tempfile.TemporaryDirectory() as folder:
        path = version["spec"]["artifact"]["path"]
        return TrainedPipeline.load(fetch(bucket, path, Path(folder) / "artifact"))


def probabilities(pipeline: TrainedPipeline, flights: pd.DataFrame) -> np.ndarray:
    """Return how probable the pipeline itself says it is that each flight is late."""
    answers = pipeline.answer(canonical_frame(pipeline.schema.inputs, flights))
    classes = [label_text(label) for label in pipeline.schema.classes or ()]
    return answers.probabilities[:, classes.index("true")]


def fetch(bucket: Bucket, path: str, folder: Path) -> Path:
    """Copy everything that stands at a key prefix into a folder."""
    folder.mkdir(parents=True)
    for key in bucket.keys(path):
        (folder / key.rpartition("/")[2]).write_bytes(bucket.get(key))
    return folder


def wire_rows(flights: pd.DataFrame, columns: tuple[Input, ...]) -> list[Row]:
    """Return each row as JSON can carry it: what is missing is null."""
    cells = flights[[column.name for column in columns]].astype(object)
    return cells.where(cells.notna(), None).to_dict("records")


def _snapshot(bucket: Bucket, path: str) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        parts = fetch(bucket, path, Path(folder) / "snapshot")
        return pd.read_parquet(sorted(parts.glob("*.parquet")))
