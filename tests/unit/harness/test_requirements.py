import pytest

from harness import requirements
from harness.requirements import Requirements

PROJECT = """
[project]
dependencies = ["pydantic>=2"]
[project.optional-dependencies]
serving = ["starlette>=1"]
dev = ["pytest>=9"]
"""


@pytest.fixture
def serving(tmp_path, monkeypatch):
    monkeypatch.setattr(requirements, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return Requirements(tmp_path / "requirements.txt", ("serving",))


def test_the_stamp_follows_the_extras_of_the_file(serving, tmp_path):
    before = serving.stamp()

    (tmp_path / "pyproject.toml").write_text(PROJECT.replace("starlette>=1", "starlette>=2"))

    assert serving.stamp() != before


def test_the_stamp_ignores_other_extras(serving, tmp_path):
    before = serving.stamp()

    (tmp_path / "pyproject.toml").write_text(PROJECT.replace("pytest>=9", "pytest>=10"))

    assert serving.stamp() == before


def test_the_header_says_where_the_file_comes_from(serving):
    assert serving.header().splitlines() == [
        "# `make generate` compiles this from pyproject.toml: serving.",
        serving.stamp(),
    ]
