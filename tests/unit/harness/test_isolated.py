import sys
from pathlib import Path

import pytest

from harness import programs
from harness.isolated import Environment
from harness.programs import HarnessError, ProgramFailedError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/perennial"


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    """Return an environment that takes no index to make."""
    file = tmp_path / "requirements.txt"
    file.write_text("# nothing\n")
    return Environment("empty", requirements=file)


def test_other_packages_or_another_python_take_another_environment():
    one = Environment("triton", ("tritonclient[http]==2.73.0",))
    assert one.folder == Environment("triton", ("tritonclient[http]==2.73.0",)).folder
    assert one.folder != Environment("triton", ("tritonclient[http]==2.72.0",)).folder
    assert one.folder != Environment("triton", one.packages, python="/opt/python3.14").folder


def test_a_changed_requirement_file_takes_another_environment(empty: Environment):
    before = empty.folder
    empty.requirements.write_text("# nothing at all\n")
    assert empty.folder != before


def test_what_is_there_is_kept_unless_it_shall_be_new(empty: Environment):
    with pytest.raises(HarnessError, match="empty is not installed"):
        empty.program("python")
    empty.ensure()
    assert programs.run([empty.program("python"), "-c", "import sys; print(sys.prefix)"])
    mark = empty.folder / "mark"
    mark.touch()
    empty.ensure()
    assert mark.exists()
    empty.ensure(anew=True)
    assert not mark.exists()
    assert Path(empty.program("python")).exists()


def test_what_cannot_be_made_leaves_nothing_behind(cache: Path):
    missing = Environment("missing", python=f"{sys.executable}-that-is-not")
    with pytest.raises(ProgramFailedError):
        missing.ensure()
    assert [path.suffix for path in (cache / "isolated").iterdir()] == [".lock"]
