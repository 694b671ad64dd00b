import pytest

from builders.snapshot import as_json_lines, as_parquet, reader
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure


def test_every_failure_names_the_file_as_its_owner_does(tmp_path):
    cut_off = reader(tmp_path / "day-1.parquet", as_parquet()[:-9], "Parquet")
    with pytest.raises(JobFailure, match=r"^day-1\.parquet is cut off") as failure:
        cut_off.header()
    assert failure.value.reason is JobReason.UNREADABLE_DATA
    wrong = reader(tmp_path / "day-2.jsonl", b"x\n", "JSONLines")
    with pytest.raises(JobFailure, match=r"^day-2\.jsonl row 1 is not JSON"):
        [*wrong.batches()]


def test_only_csv_knows_no_types(tmp_path):
    assert reader(tmp_path / "a", b"a,b\n").is_text
    assert not reader(tmp_path / "a", as_parquet(), "Parquet").is_text


def test_only_json_lines_have_no_header(tmp_path):
    assert reader(tmp_path / "a", as_json_lines(), "JSONLines").header() is None
    assert reader(tmp_path / "a", b"a,b\n").header().names == ["a", "b"]
