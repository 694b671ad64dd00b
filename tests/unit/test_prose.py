"""The phrases that docs/writing.md advises against occur in no text that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from perennial.api.kinds import KINDS
from perennial.generate.crd import custom_resource_definition

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("operator/perennial", "serving/perennial_serving")
"""Packages whose docstrings are searched."""

PAGES = (
    "README.md",
    "docs/**/*.md",
    "charts/perennial/README.md",
    "operator/README.md",
    "operator/decisions/*.md",
    "serving/README.md",
)

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def phrases() -> list[str]:
    """Return the first column of the table in docs/writing.md."""
    page = (ROOT / "docs/writing.md").read_text().partition("## Phrases to avoid")[2]
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    return [phrase for row in rows for phrase in re.findall("`([^`]+)`", row)]


def found(text: str) -> list[str]:
    """Return the phrases that occur in a text, whatever its case and its line breaks."""
    return [phrase for phrase in phrases() if _pattern(phrase).search(text)]


def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, phrase.split()))
    return re.compile(rf"\b{words}(?!\w)", re.IGNORECASE)


def prose(page: str) -> str:
    """Return a Markdown page without its code."""
    return _CODE.sub("", page)


def docstrings(source: str) -> Iterator[str]:
    """Yield the docstrings of modules, classes, functions and attributes."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text


def descriptions(schema: object) -> Iterator[str]:
    """Yield the descriptions and the rule messages of a CustomResourceDefinition."""
    if isinstance(schema, list):
        for part in schema:
            yield from descriptions(part)
    elif isinstance(schema, dict):
        for key, part in schema.items():
            if key in ("description", "message") and isinstance(part, str):
                yield part
            yield from descriptions(part)


def files(*patterns: str) -> list[str]:
    return sorted(str(file.relative_to(ROOT)) for each in patterns for file in ROOT.glob(each))


@pytest.mark.parametrize("page", files(*PAGES))
def test_a_page_has_no_phrase_to_avoid(page):
    assert found(prose((ROOT / page).read_text())) == []


@pytest.mark.parametrize("module", files(*(f"{package}/**/*.py" for package in PACKAGES)))
def test_no_docstring_has_a_phrase_to_avoid(module):
    texts = docstrings((ROOT / module).read_text())
    assert [(text, found(text)) for text in texts if found(text)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_description_has_a_phrase_to_avoid(kind):
    texts = descriptions(custom_resource_definition(kind))
    assert [(text, found(text)) for text in texts if found(text)] == []


def test_a_phrase_is_found_across_a_line_break():
    assert found("The Job is\ntold its contract. Absent: none.") == ["absent:", "is told"]


def test_code_is_no_prose():
    assert found(prose("Set `absent:` so:\n```\nempty: yes\n```\nand that is all.")) == []


def test_docstrings_of_attributes_are_read():
    assert list(docstrings('"""A."""\nclass B:\n    """C."""\n    d: int\n    """E."""\n')) == [
        *("A.", "C.", "E."),
    ]


def test_the_list_is_read_from_the_page():
    assert {"absent:", "by lot", "are told", "may be had", "whoever"} <= set(phrases())
