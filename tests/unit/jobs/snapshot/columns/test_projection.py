import pytest

from builders.snapshot import contract
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.columns.projection import (
    FileColumns,
    forbidden_columns,
    selected_columns,
)

FILE = FileColumns("a.csv", ["late", "carrier", "origin"])
LATE = {"name": "late", "type": "Boolean"}


def refused(of, *files):
    with pytest.raises(JobFailure) as failure:
        selected_columns(of, files or (FILE,))
    return failure.value


def test_all_columns_are_taken_by_name_unless_the_contract_says_otherwise():
    assert selected_columns(contract(), [FILE]) == ["carrier", "late", "origin"]


def test_columns_that_are_not_declared_can_be_left_out():
    of = contract(columns=[LATE], otherColumns="Ignore")
    assert selected_columns(of, [FILE]) == ["late"]


def test_columns_that_filters_keys_and_time_name_are_taken_all_the_same():
    of = contract(
        otherColumns="Ignore",
        filter=[{"column": "carrier", "values": ["UA"]}],
        timeColumn="time",
        quality={"uniqueKey": ["origin"]},
    )
    names = [*FILE.names, "time", "other"]
    assert selected_columns(of, [FileColumns("a.csv", names)]) == ["carrier", "origin", "time"]


def test_columns_that_are_not_declared_can_be_refused():
    failure = refused(contract(columns=[LATE], otherColumns="Refuse"))
    assert failure.reason is JobReason.SCHEMA_MISMATCH
    assert failure.message.startswith("a.csv has columns that are not declared: carrier, origin")


def test_a_missing_column_names_the_file_and_what_it_has():
    failure = refused(contract(columns=[{"name": "delay", "type": "Number"}]))
    assert failure.reason is JobReason.SCHEMA_MISMATCH
    assert "a.csv has no column 'delay'; it has late, carrier, origin" in failure.message
    assert "csv.delimiter" in failure.message
    assert not failure.in_spec


def test_every_file_must_have_every_column():
    failure = refused(contract(), FILE, FileColumns("b.csv", ["late", "carrier"]))
    assert failure.message.startswith("b.csv lacks the column origin of other files")


@pytest.mark.parametrize("name", ["", "a\x01", "x" * 129])
def test_a_name_that_no_contract_could_declare_is_refused(name):
    assert (
        "pandas: index=False" in refused(contract(), FileColumns("a.csv", ["late", name])).message
    )


def test_forbidden_columns_are_never_taken_and_told():
    of = contract(quality={"forbiddenColumns": ["origin", "passenger"]})
    assert selected_columns(of, [FILE]) == ["carrier", "late"]
    assert forbidden_columns(of, [FILE]) == ["origin"]


def test_a_contract_that_takes_nothing_is_a_mistake_in_the_spec():
    failure = refused(contract(otherColumns="Ignore"))
    assert failure.reason is JobReason.INVALID_SPEC
    assert failure.in_spec
