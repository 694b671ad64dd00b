import pytest

from builders.snapshot import NOON, as_csv, contract, snapshot
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure


def refused(folder, files, **fields):
    with pytest.raises(JobFailure) as failure:
        snapshot(folder, files, **fields)
    assert not failure.value.in_spec
    return failure.value


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (b"x,y\n", {}, "the source has no rows"),
        (b"x,y\n1,2\n", {"filter": [{"column": "x", "values": ["7"]}]}, "none of the 1 rows"),
        (
            as_csv(),
            {
                "timeColumn": "time_hour",
                "window": {"duration": "1d", "end": "2012-01-02T00:00:00Z"},
            },
            "none of the 6 rows has a time from 2012-01-01T00:00:00Z until 2012-01-02T00:00:00Z",
        ),
        (
            b"time,x\n,1\n",
            {"timeColumn": "time", "window": {"duration": "1d"}},
            "none of the 1 rows has a time",
        ),
    ],
)
def test_without_rows_the_step_that_lost_them_is_named(tmp_path, content, fields, words):
    failure = refused(tmp_path, {"a.csv": content}, **fields)
    assert failure.reason is JobReason.NO_ROWS
    assert words in failure.message


def test_the_first_failed_check_is_the_message_and_the_others_are_counted(tmp_path):
    columns = [{"name": "dep_delay", "type": "Number", "maxMissing": "0.05"}]
    quality = {"minRows": 7}
    failure = refused(tmp_path, {"a.csv": as_csv()}, columns=columns, quality=quality)
    assert failure.reason is JobReason.QUALITY_FAILED
    assert failure.message == (
        "6 rows, at least 7 allowed (and 1 more); correct the source or the contract"
    )
    assert [check.name for check in failure.quality.checks] == ["MinRows", "Missing"]


def test_a_column_of_another_type_is_told_from_one_with_a_few_wrong_values(tmp_path):
    columns = [{"name": "carrier", "type": "Number"}]
    failure = refused(tmp_path / "all", {"a.csv": as_csv()}, columns=columns)
    assert failure.reason is JobReason.SCHEMA_MISMATCH
    assert failure.message.startswith(
        "carrier: none of its 5 values is of type Number, the first 'AA' in row 1 of raw/a.csv"
    )
    some = as_csv().replace(b"33", b"late")
    columns = [{"name": "dep_delay", "type": "Number"}]
    failure = refused(tmp_path / "some", {"a.csv": some}, columns=columns)
    assert failure.reason is JobReason.QUALITY_FAILED
    assert "dep_delay: 1 value not of type Number, the first 'aaaa' in row 6" in failure.message


def test_a_message_never_shows_a_value(tmp_path):
    content = b"x,time\nmary@example.com,2013-01-01\nsecret,tomorrow\n"
    contracts = [
        contract(columns=[{"name": "x", "type": "Number"}]),
        contract(columns=[{"name": "x", "type": "Category", "allowedValues": ["a"]}]),
        contract(timeColumn="time", quality={"personalData": "Forbid"}),
    ]
    for number, of in enumerate(contracts):
        with pytest.raises(JobFailure) as failure:
            snapshot(tmp_path / str(number), {"a.csv": content}, of)
        told = failure.value.message + failure.value.quality.model_dump_json()
        assert "secret" not in told
        assert "mary" not in told
        assert "tomorrow" not in told


def test_a_time_column_must_not_lack_times_where_the_contract_says_so(tmp_path):
    columns = [{"name": "time", "type": "Timestamp", "nullable": False}]
    failure = refused(
        tmp_path,
        {"a.csv": f"time,x\n{NOON:%Y-%m-%d},1\n,2\n".encode()},
        columns=columns,
        timeColumn="time",
        window={"duration": "1d"},
    )
    assert failure.message.startswith("time: 50 % missing, none allowed")
