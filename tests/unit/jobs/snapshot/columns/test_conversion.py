from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from perennial.api.column_type import ColumnType
from perennial.jobs.snapshot.columns.conversion import is_readable, plain_cells, typed

NAN, INF = float("nan"), float("inf")


def read(cells, kind):
    """Return values and unreadable positions."""
    values, unreadable = typed(cells, ColumnType(kind))
    return values.to_pylist(), [index for index, bad in enumerate(unreadable.to_pylist()) if bad]


@pytest.mark.parametrize(
    ("cells", "kind", "values", "unreadable"),
    [
        (pa.array([1.5, NAN, INF, None]), "Number", [1.5, None, None, None], [2]),
        (pa.array([1, 2]), "Number", [1.0, 2.0], []),
        (pa.array([Decimal("1.5")]), "Number", [1.5], []),
        (pa.array([True]), "Number", [None], [0]),
        (pa.array(["1.5", "x", " ", None]), "Number", [1.5, None, None, None], [1]),
        (pa.array([1, None], pa.int16()), "Integer", [1, None], []),
        (pa.array([2**64 - 1, 1], pa.uint64()), "Integer", [None, 1], [0]),
        (pa.array([517.0, 1.5, 1e19, NAN]), "Integer", [517, None, None, None], [1, 2]),
        (pa.array([True, None]), "Boolean", [True, None], []),
        (pa.array([0, 1, 2]), "Boolean", [False, True, None], [2]),
        (pa.array(["yes", "x"]), "Boolean", [True, None], [1]),
        (pa.array([20130101]), "Timestamp", [None], [0]),
        (pa.array(["2013-01-01", "x"]), "Timestamp", [datetime(2013, 1, 1, tzinfo=UTC), None], [1]),
        (pa.array([date(2013, 1, 1)]), "Timestamp", [datetime(2013, 1, 1, tzinfo=UTC)], []),
        (pa.array(["UA", "", "  ", None]), "Category", ["UA", None, None, None], []),
        (pa.array([1545, None]), "Category", ["1545", None], []),
        (pa.array([517.0, 1.5]), "Category", ["517", "1.5"], []),
        (pa.array([True]), "Category", ["true"], []),
        (pa.nulls(2), "Number", [None, None], []),
        (pa.nulls(2), "Category", [None, None], []),
    ],
)
def test_cells_become_values_of_the_type_or_are_missing_or_unreadable(
    cells, kind, values, unreadable
):
    assert read(cells, kind) == (values, unreadable)


def test_negative_zero_is_zero():
    assert str(typed(pa.array([-0.0]), ColumnType.NUMBER).cells.to_pylist()) == "[0.0]"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_of_any_unit_become_microseconds_of_utc(unit):
    moment = datetime(2013, 1, 1, 5, tzinfo=UTC)
    for zone in (None, "UTC", "America/New_York"):
        cells = pa.array([moment.replace(tzinfo=None)], pa.timestamp(unit))
        cells = cells if zone is None else cells.cast(pa.timestamp(unit, zone))
        assert read(cells, "Timestamp") == ([moment], [])


def test_a_moment_beyond_the_calendar_cannot_be_read():
    assert read(pa.array([2**60], pa.timestamp("s")), "Timestamp") == ([None], [0])


def test_a_dictionary_is_read_as_its_values():
    assert read(pa.array(["UA", "AA", None]).dictionary_encode(), "Category")[0] == [
        "UA",
        "AA",
        None,
    ]


@pytest.mark.parametrize("form", [pa.large_string(), pa.string_view(), pa.string()])
def test_texts_of_every_form_are_one_form(form):
    assert plain_cells(pa.array(["a"], form)).type == pa.string()


def test_lists_and_objects_are_no_values():
    assert not is_readable(pa.list_(pa.int64()))
    assert not is_readable(pa.struct({"a": pa.int64()}))
    assert not is_readable(pa.dictionary(pa.int8(), pa.list_(pa.int64())))
    assert is_readable(pa.dictionary(pa.int8(), pa.string()))
