import pytest

from harness.golang import Program


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.mod").write_text("module example\n")
    (module / "main.go").write_text("package main\n")
    return Program("tool", module)


def test_an_executable_is_cached_by_what_it_was_made_from(program):
    before = program.path

    (program.module / "main.go").write_text("package main // changed\n")

    assert program.path != before
    assert program.path.name == before.name == "tool"


def test_files_that_the_compiler_does_not_read_do_not_count(program):
    before = program.path

    (program.module / "notes.txt").write_text("a thought")

    assert program.path == before
