"""The flights that the model never saw, and what the training pipeline itself says of them."""

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

    rows: list[Row]
    happened: np.ndarray
    expected: np.ndarray


def held_out(bucket: Bucket, model: Row, version: Row, folder: Path) -> HeldOut:
    """Return the rows that training held out, taken from the very snapshot that it read."""
    inputs, artifact = version["spec"]["inputs"], version["spec"]["artifact"]
    snapshot = fetch(bucket, inputs["dataset"]["path"], folder / "snapshot")
    predictor = TrainedPipeline.load(fetch(bucket, artifact["path"], folder / "artifact"))
    flights = pd.read_parquet(sorted(snapshot.glob("*.parquet")))
    share = float(model["spec"]["training"]["split"]["holdout"])
    unseen = flights[newest_rows(flights["time_hour"].to_numpy(), share)]
    columns = predictor.schema.inputs
    return HeldOut(
        rows=wire_rows(unseen, columns),
        happened=unseen[predictor.schema.target].to_numpy(dtype=bool),
        expected=_positive(predictor, unseen, columns),
    )


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


def _positive(
    predictor: TrainedPipeline, flights: pd.DataFrame, columns: tuple[Input, ...]
) -> np.ndarray:
    answers = predictor.answer(canonical_frame(columns, flights))
    classes = [label_text(label) for label in predictor.schema.classes or ()]
    return answers.probabilities[:, classes.index("true")]
