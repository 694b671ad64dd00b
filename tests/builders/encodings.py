"""Rows that preprocessing finds hard, and its answers with scikit-learn and without."""

import tempfile
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.compile.preprocessing import compile_preprocessing
from perennial_serving.model.columns import Columns
from perennial_serving.model.encoder import Encoder
from perennial_serving.model.errors import RowRefusedError

NUMBERS = ("amount", "visits", "member")
TEXTS = ("city", "grade")
NAMES = ("city", "amount", "member", "grade", "visits")
EXTREMES = (0.0, -0.0, 1e-308, -5e-324, 1e9, -1e9, 1e300, -1e308, 1.5, 2.0, np.pi)
CITIES = ("Aachen", "Bonn", "Celle", "Dresden", "Essen", "Füssen", "?")


@cache
def learned(rows: int = 600) -> pd.DataFrame:
    """Rows to fit on: rounded numbers, rare categories, and missing values everywhere."""
    random = np.random.default_rng(7)
    return _frame(
        {
            "city": random.choice(CITIES, rows, p=[0.3, 0.3, 0.2, 0.1, 0.06, 0.03, 0.01]),
            "amount": np.round(random.gamma(2.0, 50.0, rows), 1),
            "member": random.integers(0, 2, rows).astype(np.float64),
            "grade": random.choice(["a", "b"], rows),
            "visits": random.poisson(3.0, rows).astype(np.float64),
        },
        missing=random.random((rows, len(NAMES))) < 0.08,
    )


@cache
def target(kind: str = "continuous") -> np.ndarray:
    """What the rows to fit on are told about."""
    random = np.random.default_rng(8)
    amount = learned()["amount"].fillna(0.0).to_numpy() + random.normal(size=len(learned()))
    if kind == "continuous":
        return amount
    return np.digitize(amount, [100.0] if kind == "binary" else [60.0, 120.0])


@cache
def complete() -> pd.DataFrame:
    """Rows to fit on without a missing value."""
    return learned().dropna().reset_index(drop=True)


@cache
def hard(rows: int = 500) -> pd.DataFrame:
    """Rows to ask for: those learned from, then unseen categories, edges and extremes."""
    random = np.random.default_rng(9)
    known = learned()
    numbers = np.concatenate([known["amount"], known["visits"], EXTREMES, [0.05, 1e-9]])
    more = _frame(
        {
            "city": random.choice([*CITIES, "Nowhere", "", "missing_value"], rows),
            "amount": random.choice(numbers, rows),
            "member": random.integers(0, 2, rows).astype(np.float64),
            "grade": random.choice(["a", "b", "c"], rows),
            "visits": random.choice(numbers, rows),
        },
        missing=random.random((rows, len(NAMES))) < 0.08,
    )
    return pd.concat([known[:100], more], ignore_index=True).iloc[:rows]


def schema_of(frame: pd.DataFrame) -> ModelSchema:
    """What a model fitted on these rows takes."""
    return ModelSchema(
        problem="Regression",
        target="price",
        inputs=tuple(_input(name, frame[name]) for name in frame.columns),
    )


def encoder_of(transformer, frame: pd.DataFrame) -> Encoder:
    """The encoder of a transformer that was fitted on these rows, as a server reads it."""
    schema = schema_of(frame)
    with tempfile.TemporaryDirectory() as folder:
        compile_preprocessing(transformer, schema).write(Path(folder))
        return Encoder.load(Path(folder), schema)


def batch_of(frame: pd.DataFrame, schema: ModelSchema):
    """The rows as a server holds them."""
    texts = [frame[one.name].where(frame[one.name].notna(), None) for one in schema.texts]
    return Columns(schema).of_columns(
        [frame[one.name].to_numpy() for one in schema.numbers], [list(text) for text in texts]
    )


# as the predictors have it around every call
_overflow_is_meant = np.errstate(all="ignore")


@_overflow_is_meant
def assert_equal(transformer, fitted_on: pd.DataFrame | None = None, asked=None) -> np.ndarray:
    """Fail unless a fitted transformer and its encoder make the very same numbers."""
    frame = learned() if fitted_on is None else fitted_on
    asked = hard()[list(frame.columns)] if asked is None else asked
    encoder, schema = encoder_of(transformer, frame), schema_of(frame)
    expected = transformed(transformer, asked)
    given = encoder.dense(batch_of(asked, schema))
    assert given.flags.c_contiguous
    np.testing.assert_array_equal(given, expected, strict=True)
    for start, stop in [(0, 50), (len(asked) - 50, len(asked)), *((at, at + 1) for at in (0, 7))]:
        part = encoder.dense(batch_of(asked.iloc[start:stop], schema))
        np.testing.assert_array_equal(part, expected[start:stop], strict=True)
    return expected


@_overflow_is_meant
def assert_equal_or_refused(transformer, fitted_on: pd.DataFrame, asked=None) -> int:
    """Compare row by row where scikit-learn refuses some; return how many it refused."""
    encoder, schema = encoder_of(transformer, fitted_on), schema_of(fitted_on)
    asked = hard()[list(fitted_on.columns)].iloc[-40:] if asked is None else asked
    refused = 0
    for row in (asked.iloc[at : at + 1] for at in range(len(asked))):
        expected = _unless(ValueError, lambda row=row: transformed(transformer, row))
        given = _unless(RowRefusedError, lambda row=row: encoder.dense(batch_of(row, schema)))
        assert (given is None) is (expected is None), row.to_dict("records")
        np.testing.assert_array_equal(given, expected)
        refused += expected is None
    return refused


def _unless(error: type[Exception], make) -> np.ndarray | None:
    try:
        return make()
    except error:
        return None


def transformed(transformer, frame: pd.DataFrame) -> np.ndarray:
    """What scikit-learn makes of the rows, dense."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = transformer.transform(frame)
    made = made.toarray() if hasattr(made, "toarray") else made
    return np.asarray(made, np.float64)


def fitted(transformer, frame: pd.DataFrame | None = None, kind: str = "continuous"):
    """The transformer, fitted on the rows to learn from."""
    frame = learned() if frame is None else frame
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformer.fit(frame, target(kind)[: len(frame)])


def _frame(columns: dict, missing: np.ndarray) -> pd.DataFrame:
    made = {}
    for at, name in enumerate(NAMES):
        values = np.array(columns[name], object if name in TEXTS else np.float64)
        values[missing[:, at]] = np.nan
        made[name] = pd.Series(values, dtype=values.dtype)
    return pd.DataFrame(made)


def _input(name: str, values: pd.Series) -> Input:
    if values.dtype != object:
        return Input(name=name, type="Number", nullable=True)
    categories = tuple(sorted(values.dropna().unique()))
    return Input(name=name, type="Category", nullable=True, categories=categories)
