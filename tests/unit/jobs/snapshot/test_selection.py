from datetime import UTC, datetime

import pytest

from builders.snapshot import FLIGHTS, as_csv, contract, reader
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.columns.survey import survey
from perennial.jobs.snapshot.selection import Selection


@pytest.fixture
def select(tmp_path):
    def select(content=None, **fields):
        of = contract(**fields)
        readers = [reader(tmp_path / "x.csv", content or as_csv())]
        selection = Selection(readers, of, survey(readers, of, {}).types)
        rows = [row for some in selection.rows() for row in some.cells.to_pylist()]
        return selection, rows

    return select


def days(rows):
    return [row["time_hour"].day for row in rows]


def test_without_filter_and_window_every_row_is_kept(select):
    selection, rows = select()
    assert len(rows) == selection.rows_read == selection.rows_filtered == 6
    assert selection.window is None


@pytest.mark.parametrize(
    ("column", "values", "kept"),
    [
        ("carrier", ["UA", "DL"], [1, 5, 6]),
        ("flight", ["1545", "00725"], [1, 4]),
        ("dep_delay", ["4", "33.0"], [2, 6]),
        ("late", ["true"], [2, 6]),
        ("time_hour", ["2013-01-02T06:00:00+01:00"], [2]),
    ],
)
def test_a_filter_keeps_the_rows_whose_value_it_names_as_a_value_of_the_column(
    select, column, values, kept
):
    assert days(select(filter=[{"column": column, "values": values}])[1]) == kept


def test_every_filter_must_keep_a_row(select):
    filters = [
        {"column": "carrier", "values": ["UA", "AA"]},
        {"column": "late", "values": ["false"]},
        {"column": "carrier", "values": ["UA", "B6"]},
    ]
    assert days(select(filter=filters)[1]) == [1, 5]


def test_a_filter_that_is_no_value_of_its_column_is_a_mistake_in_the_spec(select):
    with pytest.raises(JobFailure) as failure:
        select(filter=[{"column": "flight", "values": ["1545", "UA"]}])
    assert failure.value.in_spec
    assert failure.value.reason is JobReason.INVALID_SPEC
    assert failure.value.message.startswith("spec.filter[0].values: not all are values of flight")


def test_a_window_ends_just_after_the_newest_row(select):
    selection, rows = select(timeColumn="time_hour", window={"duration": "2d"})
    assert days(rows) == [5, 6]
    assert selection.rows_filtered == 6


def test_the_lag_moves_the_end_back(select):
    rows = select(timeColumn="time_hour", window={"duration": "2d", "lag": "24h"})[1]
    assert days(rows) == [4, 5]


def test_a_fixed_end_is_no_part_of_the_window(select):
    window = {"duration": "2d", "end": "2013-01-04T05:00:00Z"}
    assert days(select(timeColumn="time_hour", window=window)[1]) == [2, 3]


def test_the_newest_row_is_one_that_the_filters_keep(select):
    rows = select(
        timeColumn="time_hour",
        window={"duration": "1d"},
        filter=[{"column": "carrier", "values": ["AA", "B6"]}],
    )[1]
    assert days(rows) == [4]


def test_rows_without_a_time_are_in_no_window_and_are_counted(select):
    content = as_csv({**FLIGHTS, "time_hour": [None, *FLIGHTS["time_hour"][1:]]})
    selection, rows = select(content, timeColumn="time_hour", window={"duration": "9d"})
    assert days(rows) == [2, 3, 4, 5, 6]
    assert selection.rows_without_time == 1


def test_rows_whose_time_cannot_be_read_are_kept_for_the_checks_to_find(select):
    content = as_csv().replace(b"2013-01-01 05:00:00", b"first of January 05")
    _, rows = select(content, timeColumn="time_hour", window={"duration": "1d"})
    assert [row["flight"] for row in rows] == [1545, 1696]


def test_the_longest_window_begins_with_the_calendar(select):
    selection, rows = select(timeColumn="time_hour", window={"duration": "999999d"})
    assert len(rows) == 6
    assert selection.window.start == datetime(1, 1, 1, tzinfo=UTC)
