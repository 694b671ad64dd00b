"""Held-out rows whose predictions a server must reproduce before it becomes ready."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from perennial.artifacts.answers import Samples
from perennial.artifacts.pipeline import TrainedPipeline

MOST_SAMPLES = 32
_MOST_OF_A_KIND = 12

Wire = bool | int | float | str | None


def samples_of(rows: pa.Table, target: str, trained: TrainedPipeline) -> Samples:
    """Return some rows in their JSON form, with the predictions of the model."""
    names = [column.name for column in trained.schema.inputs]
    chosen = rows.select(names).take(sample_positions(rows, names, target))
    spelled = tuple(
        {name: _on_the_wire(cell) for name, cell in row.items()} for row in chosen.to_pylist()
    )
    answers = trained.answer_rows(spelled).matching(trained.schema)
    return Samples(spelled, tuple(answers))


def sample_positions(rows: pa.Table, names: Sequence[str], target: str) -> list[int]:
    """Return rows of each class, rows with a missing value per column, and evenly spaced ones.

    Equal rows give equal positions.
    """
    classes = rows.column(target).combine_chunks().dictionary_encode().indices
    _, first_of_each = np.unique(classes, return_index=True)
    missing = [rows.column(name).is_null().index(True).as_py() for name in names]
    found = [position for position in missing if position >= 0]
    chosen = {*first_of_each[:_MOST_OF_A_KIND].tolist(), *found[:_MOST_OF_A_KIND]}
    for step in range(MOST_SAMPLES):
        if len(chosen) == MOST_SAMPLES:
            break
        chosen.add(step * len(rows) // MOST_SAMPLES)
    return sorted(chosen)


def _on_the_wire(cell: Wire | datetime) -> Wire:
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return cell
