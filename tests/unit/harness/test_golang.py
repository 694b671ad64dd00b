import json

import pytest

from harness import golang
from harness.golang import Module, Program
from harness.programs import HarnessError


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


def test_a_module_with_other_files_than_those_that_are_pinned_is_not_used():
    output = json.dumps({"Dir": "/modules/example@v1.2.3", "Sum": "h1:of-its-files"})

    pinned = Module("example", "v1.2.3", "h1:of-its-files")
    assert str(golang.verified(output, pinned)) == "/modules/example@v1.2.3"
    with pytest.raises(HarnessError, match="not h1:of-others"):
        golang.verified(output, Module("example", "v1.2.3", "h1:of-others"))
