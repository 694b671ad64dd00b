"""Our compiled model, for a framework that is not ours."""

import os
from pathlib import Path

from perennial.artifacts.model_schema import SCHEMA_FILE, ModelSchema
from perennial_serving.model.columns import Columns
from perennial_serving.model.loading import load_predictor

FOLDER = Path(os.environ["ARTIFACT"])
SCHEMA = ModelSchema.model_validate_json((FOLDER / SCHEMA_FILE).read_text())
PREDICTOR, COLUMNS = load_predictor(FOLDER, SCHEMA), Columns(SCHEMA)
TEXTS = [one.name for one in SCHEMA.inputs if one.type == "Category"]
NUMBERS = [one.name for one in SCHEMA.inputs if one.type != "Category"]


def of_frame(frame) -> list[list[float]]:
    """Return the probabilities of every row."""
    return of_rows(frame.to_dict("records"))


def of_rows(rows: list[dict]) -> list[list[float]]:
    """Return the probabilities of every row."""
    ordered = [tuple(row[name] for name in (*NUMBERS, *TEXTS)) for row in rows]
    return PREDICTOR.answer(COLUMNS.of_rows(ordered)).probabilities.tolist()
