import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from builders.small_model import DIGEST, INPUTS, MODEL, VERSION, schema, small_model
from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial_serving.endpoints.page import CONTENT_SECURITY, page


class Read(HTMLParser):
    """Gathers the elements of a page, and its scripts and styles."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.code: dict[str, str] = {}
        self._within = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style"):
            self.code.setdefault(self._within, data)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    @property
    def fields(self) -> list[str | None]:
        named = (attributes for tag, attributes in self.elements if tag in ("input", "select"))
        return [attributes["name"] for attributes in named]


def test_a_person_sees_what_is_served():
    text = page(small_model()).decode()
    for fact in (MODEL, VERSION, DIGEST, "Compiled", "false, true"):
        assert fact in text


def test_the_form_has_a_field_for_every_column():
    assert Read(page(small_model())).fields == [one.name for one in INPUTS]


def test_the_page_runs_only_its_own_script_and_style():
    code = Read(page(small_model())).code
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(code[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in CONTENT_SECURITY
    assert CONTENT_SECURITY.startswith("default-src 'none'; ")


def test_the_page_loads_nothing_from_anywhere():
    content = page(small_model())
    assert not re.search(rb"https?:", content)
    loading = [attributes.get("src") for _, attributes in Read(content).elements]
    assert not any(loading)


@pytest.mark.parametrize("kind", list(ColumnType))
def test_names_and_values_stay_text(kind: ColumnType):
    name, value = "'><script>alert(1)</script>", '"><script>alert(1)</script>'
    one = Input(name=name, type=kind, nullable=True, categories=(value,))
    read = Read(page(small_model(schema(classes=("a", value), inputs=(one,)))))
    assert read.fields == [name]
    assert [tag for tag, _ in read.elements].count("script") == 1


def test_a_category_with_many_values_suggests_some_of_them():
    many = tuple(f"value {number}" for number in range(5000))
    one = Input(name="x", type=ColumnType.CATEGORY, nullable=False, categories=many)
    assert len(page(small_model(schema(inputs=(one,))))) < 50_000
