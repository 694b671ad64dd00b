"""Flights whose values are rounded, so that the thresholds of trees meet values that occur."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.table.target import Target, classes_of
from perennial.jobs.table.vocabulary import described

ROWS, TRAINED = 12_500, 10_000
TYPES = {
    "dep_delay": ColumnType.NUMBER,
    "distance": ColumnType.INTEGER,
    "hour": ColumnType.INTEGER,
    "temperature": ColumnType.NUMBER,
    "wind": ColumnType.NUMBER,
    "seats": ColumnType.INTEGER,
    "weekend": ColumnType.BOOLEAN,
    "time_hour": ColumnType.TIMESTAMP,
    "carrier": ColumnType.CATEGORY,
    "origin": ColumnType.CATEGORY,
    "dest": ColumnType.CATEGORY,
    "engine": ColumnType.CATEGORY,
}
NUMBERS = tuple(name for name, kind in TYPES.items() if kind is not ColumnType.CATEGORY)
TEXTS = tuple(name for name in TYPES if name not in NUMBERS)
COMPLETE = ("distance", "hour", "carrier", "origin")
"""Columns without missing values."""
INPUTS = tuple(
    Input(name=name, type=kind, nullable=name not in COMPLETE) for name, kind in TYPES.items()
)
TARGETS = {"binary": "late", "multiclass": "grade", "regression": "arrival"}


@dataclass(frozen=True)
class Part:
    frame: pd.DataFrame
    targets: dict[str, Target]


def flights(seed: int = 11) -> tuple[Part, Part]:
    """Return rows to learn from, and rows held out."""
    random = np.random.default_rng(seed)
    frame = _columns(random)
    arrival = _arrival(frame, random)
    targets = {
        "binary": arrival > 25,
        "multiclass": np.array(["early", "fine", "late"])[np.digitize(arrival, [15, 40])].astype(
            object
        ),
        "regression": arrival,
    }
    for name in NUMBERS + TEXTS:
        if name not in COMPLETE:
            frame.loc[random.random(ROWS) < 0.06, name] = np.nan
    return _part(frame, targets, slice(0, TRAINED)), _part(frame, targets, slice(TRAINED, ROWS))


def _part(frame: pd.DataFrame, targets: dict[str, Target], rows: slice) -> Part:
    own = {name: values[rows] for name, values in targets.items()}
    return Part(frame.iloc[rows].reset_index(drop=True), own)


def _columns(random: np.random.Generator) -> pd.DataFrame:
    hours = random.integers(0, 24 * 365, ROWS)
    often = 1 / np.arange(1, 41) ** 1.5
    columns = {
        "dep_delay": _halves(random.gamma(1.2, 18, ROWS) - 8),
        "distance": random.integers(8, 250, ROWS) * 10.0,
        "hour": (hours % 24).astype(float),
        "temperature": _halves(random.normal(12, 9, ROWS)),
        "wind": _halves(random.gamma(2, 5, ROWS)),
        "seats": random.choice([20.0, 55, 140, 149, 178, 200, 330], ROWS),
        "weekend": (random.random(ROWS) < 2 / 7).astype(float),
        "time_hour": 1_356_998_400.0 + 3600.0 * hours,
        "carrier": random.choice([f"C{number}" for number in range(12)], ROWS),
        "origin": random.choice(["EWR", "JFK", "LGA"], ROWS),
        "dest": random.choice([f"D{n:02}" for n in range(40)], ROWS, p=often / often.sum()),
        "engine": random.choice(["jet", "propeller"], ROWS, p=[0.9, 0.1]),
    }
    texts = {name: pd.Series(columns[name], dtype=object) for name in TEXTS}
    return pd.DataFrame({**columns, **texts})


def _arrival(frame: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    """Return minutes, at least half of one: some regressions take only positive targets."""
    by_carrier = frame["carrier"].str[1:].astype(float) - 6
    minutes = (
        20
        + 0.9 * frame["dep_delay"]
        + frame["distance"] / 200
        + np.where(frame["hour"] > 16, 8, 0)
        + by_carrier * np.where(frame["wind"] > 12, 2, 0.5)
        + random.normal(0, 8, ROWS)
    )
    return np.maximum(_halves(minutes.to_numpy()), 0.5)


def _halves(values: np.ndarray) -> np.ndarray:
    return np.round(values * 2) / 2


def schema_of(kind: str, part: Part) -> ModelSchema:
    """Return what a model takes that learned one of the targets."""
    is_regression = kind == "regression"
    return ModelSchema(
        problem=Problem.REGRESSION if is_regression else Problem.CLASSIFICATION,
        target=TARGETS[kind],
        classes=None if is_regression else classes_of(part.targets[kind]),
        inputs=described(INPUTS, part.frame),
    )
