import pyarrow as pa
import pytest

from builders.snapshot import as_csv, as_json_lines, as_parquet, contract, reader
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.columns.survey import survey

TYPES = {
    "carrier": "Category",
    "dep_delay": "Number",
    "flight": "Integer",
    "late": "Boolean",
    "time_hour": "Timestamp",
}


@pytest.fixture
def surveyed(tmp_path):
    def surveyed(*contents, form="CSV", previous=(), **fields):
        readers = [
            reader(tmp_path / f"{number}.data", content, form)
            for number, content in enumerate(contents)
        ]
        return survey(readers, contract(**fields), dict(previous))

    return surveyed


@pytest.mark.parametrize(
    ("form", "content"),
    [("CSV", as_csv()), ("Parquet", as_parquet()), ("JSONLines", as_json_lines())],
)
def test_the_same_values_have_the_same_types_in_every_format(surveyed, form, content):
    assert surveyed(content, form=form).types == {**TYPES, "dep_delay": "Number"}


def test_one_type_holds_for_all_files(surveyed):
    assert surveyed(b"x\n1\n", b"x\n1.5\n").types == {"x": "Number"}
    assert surveyed(b"x\n1\n", b"x\nUA\n").types == {"x": "Category"}
    parquet = [as_parquet({"x": [1]}), as_parquet({"x": ["UA"]})]
    assert surveyed(*parquet, form="Parquet").types == {"x": "Category"}


def test_a_declared_type_holds_whatever_the_values_look_like(surveyed):
    columns = [{"name": "flight", "type": "Category"}]
    assert surveyed(as_csv(), columns=columns, otherColumns="Ignore").types == {
        "flight": "Category"
    }


def test_the_time_column_holds_times(surveyed):
    assert surveyed(b"x\nsoon\n", timeColumn="x").types == {"x": "Timestamp"}


def test_a_column_without_a_value_keeps_its_last_type(surveyed):
    assert surveyed(b"x,y\n,1\n").types["x"] == "Category"
    assert surveyed(b"x,y\n,1\n", previous={"x": "Number"}).types["x"] == "Number"


def test_an_inferred_type_that_changed_is_told_with_both_types(surveyed):
    with pytest.raises(JobFailure) as failure:
        surveyed(b"x\nUA\n", previous={"x": "Integer", "gone": "Number"})
    assert failure.value.reason is JobReason.SCHEMA_CHANGED
    assert failure.value.message.startswith("column x was Integer in the last snapshot")
    assert "now Category" in failure.value.message


def test_a_declared_type_may_change(surveyed):
    columns = [{"name": "x", "type": "Category"}]
    assert surveyed(b"x\nUA\n", previous={"x": "Integer"}, columns=columns).types


def test_keys_that_some_files_lack_are_missing_values(surveyed):
    lines = [b'{"x": 1}\n', b'{"y": true}\n']
    assert surveyed(*lines, form="JSONLines").types == {"x": "Integer", "y": "Boolean"}


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("Parquet", as_parquet({"x": pa.array([[1]])})),
        ("JSONLines", b'{"x": [1]}\n'),
        ("JSONLines", b'{"x": {"a": 1}}\n'),
    ],
)
def test_lists_and_objects_are_refused_unless_they_are_left_out(surveyed, form, content):
    with pytest.raises(JobFailure, match="column x holds values of the form") as failure:
        surveyed(content, form=form)
    assert failure.value.reason is JobReason.SCHEMA_MISMATCH


def test_forbidden_columns_are_found(surveyed):
    found = surveyed(as_csv(), quality={"forbiddenColumns": ["carrier", "passenger"]})
    assert found.forbidden == ["carrier"]
    assert "carrier" not in found.types
