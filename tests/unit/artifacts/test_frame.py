from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from perennial.api.column_type import ColumnType
from perennial.artifacts.frame import UnreadableCellError, canonical_frame, frame_of_rows
from perennial.artifacts.model_schema import Input

INPUTS = tuple(
    Input(name=kind.lower(), type=kind, nullable=True)
    for kind in ("Number", "Integer", "Boolean", "Timestamp", "Category")
)
ROWS = [
    {
        "number": 1.5,
        "integer": 7,
        "boolean": True,
        "timestamp": "2013-01-01T05:00:00.25Z",
        "category": "UA",
    },
    {"number": None, "integer": None, "boolean": None, "timestamp": None},
]


def one(kind):
    return Input(name="x", type=ColumnType(kind), nullable=True)


def test_rows_on_the_wire_become_floats_and_texts():
    frame = frame_of_rows(INPUTS, ROWS)
    moment = datetime(2013, 1, 1, 5, 0, 0, 250_000, UTC).timestamp()
    assert frame.iloc[0].tolist() == [1.5, 7.0, 1.0, moment, "UA"]
    assert [*map(str, frame.dtypes)] == ["float64"] * 4 + ["object"]


def test_a_missing_value_is_nan_in_every_column_and_none_in_no_column():
    missing = frame_of_rows(INPUTS, ROWS).iloc[1]
    assert missing.isna().all()
    assert not any(value is None for value in missing)


def test_a_snapshot_and_the_wire_give_the_same_frame():
    table = pa.table(
        {
            "number": pa.array([1.5, None]),
            "integer": pa.array([7, None], pa.int64()),
            "boolean": pa.array([True, None]),
            "timestamp": pa.array(
                [datetime(2013, 1, 1, 5, 0, 0, 250_000, UTC), None], pa.timestamp("us", "UTC")
            ),
            "category": pa.array(["UA", None]),
        }
    )
    stored = canonical_frame(INPUTS, table.to_pandas())
    pd.testing.assert_frame_equal(stored, frame_of_rows(INPUTS, ROWS), check_exact=True)


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32", "Int64", "boolean"])
def test_numbers_of_any_width_become_doubles(dtype):
    frame = canonical_frame([one("Number")], pd.DataFrame({"x": pd.Series([1, 0], dtype=dtype)}))
    assert frame["x"].dtype == np.float64
    assert frame["x"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_without_a_zone_are_of_utc_whatever_their_unit(unit):
    cells = pd.Series(np.array(["2013-01-01T05:00", "NaT"], dtype=f"datetime64[{unit}]"))
    frame = canonical_frame([one("Timestamp")], pd.DataFrame({"x": cells}))
    assert frame["x"][0] == datetime(2013, 1, 1, 5, tzinfo=UTC).timestamp()
    assert np.isnan(frame["x"][1])


def test_times_of_different_zones_are_compared_in_utc():
    rows = [{"x": "2013-01-01T05:00:00+02:00"}, {"x": "2013-01-01T03:00:00"}]
    first, second = frame_of_rows([one("Timestamp")], rows)["x"]
    assert first == second


def test_the_columns_come_in_the_order_of_the_inputs():
    frame = canonical_frame(INPUTS[::-1], pd.DataFrame([ROWS[0]])[[one.name for one in INPUTS]])
    assert [*frame.columns] == ["category", "timestamp", "boolean", "integer", "number"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Number", "secret"),
        ("Integer", "7"),
        ("Number", 10**400),
        ("Category", 7),
        ("Timestamp", 20130101),
        ("Timestamp", "secret"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_place_and_never_shown(kind, value):
    with pytest.raises(UnreadableCellError) as error:
        frame_of_rows([one(kind)], [{"x": None}, {"x": value}])
    assert str(error.value) == f"column 'x', row 1: not a {kind}"


def test_no_rows_give_an_empty_frame():
    assert frame_of_rows(INPUTS, []).shape == (0, 5)
