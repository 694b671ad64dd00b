import pytest
from pydantic import ValidationError

from builders.snapshot import contract, settings
from perennial.jobs.snapshot.source.files import SourceFile, SourceFiles, csv_of


def test_work_reads_what_prepare_wrote(tmp_path):
    pod = settings(tmp_path)
    pod.input.mkdir(parents=True)
    files = SourceFiles(files=(SourceFile(name="a.csv", path=tmp_path / "x", format="CSV"),))
    files.leave_to_work(pod)
    assert SourceFiles.left_by_prepare(pod) == files


def test_there_is_always_a_file():
    with pytest.raises(ValidationError):
        SourceFiles(files=())


def test_csv_is_written_with_commas_unless_the_source_says_otherwise():
    stated = {"object": {"path": "raw/", "csv": {"delimiter": ";"}}}
    volume = {"volume": {"claimName": "exports", "path": "raw/"}}
    assert csv_of(contract().source).delimiter == ","
    assert csv_of(contract(source=stated).source).delimiter == ";"
    assert csv_of(contract(source=volume).source).decimal == "."
