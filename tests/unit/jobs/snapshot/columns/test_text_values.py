import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.jobs.snapshot.columns.text_values import (
    boolean_of_text,
    integer_of_text,
    number_of_text,
    timestamp_of_text,
)


def number(text, decimal="."):
    return number_of_text(pa.array([text]), decimal)[0].as_py()


def integer(text):
    return integer_of_text(pa.array([text]))[0].as_py()


def timestamp(text):
    found = timestamp_of_text(pa.array([text]))[0].as_py()
    return found and found.isoformat()


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), (" -2.5 ", -2.5), ("1e3", 1000.0), (".5", 0.5), ("+3", 3.0)]
)
def test_numbers_are_read(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1,5", "1.000,5", "0x10", "1_000", "٣", "1 2", "--1"])
def test_what_is_no_number_is_null(text):
    assert number(text) is None


def test_a_decimal_comma_is_read_where_it_was_declared():
    assert number("-1,5", ",") == -1.5
    assert number("1.5", ",") is None
    assert number("1.000,5", ",") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-007", -7), ("517.0", 517), (" 5 ", 5), ("9223372036854775807", 2**63 - 1)],
)
def test_whole_numbers_are_read_exactly(text, value):
    assert integer(text) == value


@pytest.mark.parametrize("text", ["1.5", "x", "0x1F", "9223372036854775808", "1e3", ""])
def test_what_is_no_whole_number_is_null(text):
    assert integer(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2013-01-01", "2013-01-01T00:00:00+00:00"),
        ("2013-01-01 05:00", "2013-01-01T05:00:00+00:00"),
        ("2013-01-01T05:00:00Z", "2013-01-01T05:00:00+00:00"),
        ("2013-01-01T05:00:00.25+02:00", "2013-01-01T03:00:00.250000+00:00"),
        ("2013-01-01T05:00:00.123456789", "2013-01-01T05:00:00.123456+00:00"),
    ],
)
def test_times_are_read_as_moments_in_utc(text, value):
    assert timestamp(text) == value


@pytest.mark.parametrize("text", ["2013-02-30", "01/02/2013", "20130101", "5", "2013-W01-1", "x"])
def test_what_is_no_time_is_null(text):
    assert timestamp(text) is None


def test_truth_is_spelled_in_many_ways():
    words = pa.array(["TRUE", "t", "Yes", "1", "false", "F", "no", "0", "maybe", None])
    assert boolean_of_text(words).to_pylist() == [True] * 4 + [False] * 4 + [None] * 2


texts = st.lists(
    st.one_of(
        st.integers(-(2**70), 2**70).map(str),
        st.floats().map(repr),
        st.datetimes().map(str),
        st.sampled_from(["", " ", "517.0", "1.", ".5", "inf", "nan", "0x1F", "2013-01-01Z", "+1"]),
        st.text(max_size=5),
    ),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(texts, st.sampled_from(["number", "integer", "timestamp"]))
def test_what_a_text_means_does_not_hang_on_its_neighbours(found, kind):
    read = {
        "number": lambda cells: number_of_text(cells, "."),
        "integer": integer_of_text,
        "timestamp": timestamp_of_text,
    }[kind]
    together = read(pa.array(found, pa.string())).to_pylist()
    alone = [read(pa.array([text]))[0].as_py() for text in found]
    assert str(together) == str(alone)  # as text, for NaN equals nothing
