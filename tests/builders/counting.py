"""A small model as counting sees it: schema, profile, rows and answers, without any pipeline."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.artifacts.profile import Profile
from perennial.jobs.training.profile import profile_of
from perennial_serving.counters.constants import ModelInfo
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import Layout
from perennial_serving.counters.render import Exposition
from perennial_serving.counters.scoring import AnswerScores
from perennial_serving.counters.shared import Shared
from perennial_serving.model.batch import Batch
from perennial_serving.model.columns import Columns

NOW = 1_750_000_000.0
CARRIERS = tuple(f"C{number:02}" for number in range(40))
CLASSES = {"two": (False, True), "three": ("early", "fine", "late"), "none": None}


@dataclass(frozen=True)
class Counted:
    """A model whose rows are counted, as it stands in one process."""

    layout: Layout
    shared: Shared
    counters: Counters

    def values(self) -> dict[str, float]:
        """Return every series by its line, as a scraper would read it."""
        served = ModelInfo("flight-delay", "flight-delay-1", "sha256:abc", "Compiled")
        text = Exposition(self.layout, self.shared.memories, served).text().decode()
        text = text.replace('{version="flight-delay-1"}', "").replace(
            'version="flight-delay-1",', ""
        )
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}


def counted(classes: str = "two", workers: int = 1, records: int = 1024, **changes) -> Counted:
    layout = layout_of(classes, **changes)
    shared = Shared.create(workers)
    return Counted(layout, shared, Counters(layout, shared, 0, records))


@cache
def layout_of(classes: str = "two", *, probabilities: bool = True, **changes) -> Layout:
    schema = schema_of(classes, **changes)
    return Layout.of(schema, profile_for(schema, probabilities=probabilities))


def schema_of(classes: str = "two", *, timed: bool = True, listed: bool = True) -> ModelSchema:
    labels = CLASSES[classes]
    return ModelSchema(
        problem=Problem.CLASSIFICATION if labels else Problem.REGRESSION,
        target="late",
        classes=labels,
        positive_class=True if classes == "two" else None,
        inputs=(
            Input(name="carrier", type=ColumnType.CATEGORY, nullable=True, categories=CARRIERS),
            Input(name="delay", type=ColumnType.NUMBER, nullable=True, contract_maximum=100),
            Input(name="distance", type=ColumnType.INTEGER, nullable=False),
            Input(
                name="origin",
                type=ColumnType.CATEGORY,
                nullable=False,
                categories=("EWR", "JFK", "LGA"),
                contract_categories=("EWR", "JFK", "SWF") if listed else None,
            ),
        ),
        time_column="at" if timed else None,
    )


def profile_for(schema: ModelSchema, *, probabilities: bool = True, rows: int = 4000) -> Profile:
    training, held_out = frame(schema, rows, 1), frame(schema, 500, 2)
    answers = answers_for(schema, 500, probabilities=probabilities)
    random = np.random.default_rng(4)
    if schema.classes is None:
        targets = random.normal(0, 10, 500)
    else:
        targets = np.array(schema.classes, object)[random.integers(0, len(schema.classes), 500)]
    profile = profile_of(schema, training, held_out, answers, targets)
    # means in quarters, as the rows are: sums of deviations are exact, whatever their order
    numbers = [one.model_copy(update={"mean": round(one.mean * 4) / 4}) for one in profile.numbers]
    return profile.model_copy(update={"numbers": tuple(numbers)})


def frame(schema: ModelSchema, rows: int, seed: int) -> pd.DataFrame:
    """Return rows in quarters of a unit: their sums are exact, whatever their order."""
    random = np.random.default_rng(seed)
    carriers = np.minimum(random.geometric(0.1, rows) - 1, len(CARRIERS) - 1)
    delay = np.round(random.normal(10, 30, rows) * 4) / 4
    delay[random.random(rows) < 0.1] = np.nan
    carrier = np.array(CARRIERS, object)[carriers]
    carrier[random.random(rows) < 0.05] = np.nan
    columns = {
        "carrier": carrier,
        "delay": delay,
        "distance": random.integers(80, 5000, rows).astype(np.float64),
        "origin": np.array(("EWR", "JFK", "LGA"), object)[random.integers(0, 3, rows)],
    }
    return pd.DataFrame({one.name: columns[one.name] for one in schema.inputs})


def answers_for(
    schema: ModelSchema, rows: int, seed: int = 3, *, probabilities: bool = True
) -> Answers:
    random = np.random.default_rng(seed)
    if schema.classes is None:
        return Answers((np.round(random.normal(0, 10, rows) * 4) / 4).tolist(), None)
    given = random.dirichlet(np.ones(len(schema.classes)), rows)
    said = [schema.classes[position] for position in given.argmax(axis=1)]
    return Answers(said, given if probabilities else None)


def batch_of(schema: ModelSchema, rows: list[dict]) -> Batch:
    """Return rows by name as a batch; a name that is absent is missing."""
    names = [one.name for one in (*schema.numbers, *schema.texts)]
    return Columns(schema).of_rows([tuple(row.get(name) for name in names) for row in rows])


def batch_of_frame(schema: ModelSchema, rows: pd.DataFrame) -> Batch:
    texts = [
        [None if isinstance(cell, float) else cell for cell in rows[one.name]]
        for one in schema.texts
    ]
    return Columns(schema).of_columns([rows[one.name].to_numpy() for one in schema.numbers], texts)


def some_rows(layout: Layout, rows: int, seed: int = 5) -> tuple[Batch, Answers]:
    schema = layout.schema
    return batch_of_frame(schema, frame(schema, rows, seed)), answers_for(schema, rows, seed)


def scores_of(*lines: tuple[int, float, int]) -> AnswerScores:
    """Return the scores of predictions: class, number, bin."""
    classes, numbers, bins = map(np.array, zip(*lines, strict=True))
    return AnswerScores(classes, numbers, numbers, bins)


def part(batch: Batch, answers: Answers, start: int, stop: int) -> tuple[Batch, Answers]:
    chosen = slice(start, stop)
    texts = [column[chosen] for column in batch.texts]
    given = None if answers.probabilities is None else answers.probabilities[chosen]
    return (
        Batch(batch.numbers[chosen], batch.codes[chosen], texts),
        Answers(answers.predictions[chosen], given),
    )
