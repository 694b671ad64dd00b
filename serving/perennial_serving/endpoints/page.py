"""`GET /` for people: what this model is, what it takes, and a form to try it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, label_text
from perennial_serving.endpoints.descriptions import example_value
from perennial_serving.model.served import ServedModel

HTML: Final = "text/html; charset=utf-8"
_MOST_SUGGESTIONS: Final = 200

_FILES: Final = files("perennial_serving.endpoints")
_STYLE: Final = _FILES.joinpath("page.css").read_text(encoding="utf-8")
_SCRIPT: Final = _FILES.joinpath("page.js").read_text(encoding="utf-8")
_PAGE: Final = Template(_FILES.joinpath("page.html").read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


CONTENT_SECURITY: Final = "; ".join(
    (
        "default-src 'none'",
        f"script-src {_hash(_SCRIPT)}",
        f"style-src {_hash(_STYLE)}",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may load and run: its own script and style, and answers of this server."""


def page(model: ServedModel) -> bytes:
    """Return the page of a model; it loads nothing from other servers."""
    fields = (_field(place, column) for place, column in enumerate(model.schema.inputs))
    return _PAGE.substitute(
        name=escape(model.name),
        style=_STYLE,
        facts="".join(_facts(model)),
        fields="".join(fields),
        script=_SCRIPT,
    ).encode()


def _facts(model: ServedModel) -> Iterator[str]:
    facts = {
        "predicts": model.schema.target,
        "problem": model.schema.problem,
        "version": model.version,
        "digest": model.digest,
        "served as": model.predictor.tier,
    }
    if model.schema.classes is not None:
        facts["classes"] = ", ".join(map(label_text, model.schema.classes))
    for fact, value in facts.items():
        yield f"<dt>{fact}</dt><dd>{escape(value)}</dd>"


def _field(place: int, column: Input) -> str:
    name = escape(column.name)
    missing = "" if column.nullable else " required"
    attributes = f'id="c{place}" name="{name}" data-type="{column.type}"{missing}'
    kind = f"{column.type}{', may be missing' if column.nullable else ''}"
    label = f'<label for="c{place}">{name}</label>'
    return (
        f"<tr><td>{label}</td><td>{kind}</td><td>{_control(place, column, attributes)}</td></tr>\n"
    )


def _control(place: int, column: Input, attributes: str) -> str:
    value = example_value(column)
    shown = escape(value if isinstance(value, str) else json.dumps(value))
    match column.type:
        case ColumnType.BOOLEAN:
            none = '<option value=""></option>' if column.nullable else ""
            return (
                f"<select {attributes}>{none}<option>true</option><option>false</option></select>"
            )
        case ColumnType.NUMBER:
            return f'<input {attributes} type="number" step="any" value="{shown}">'
        case ColumnType.INTEGER:
            return f'<input {attributes} type="number" step="1" value="{shown}">'
        case ColumnType.CATEGORY:
            return (
                f'<input {attributes} list="l{place}" value="{shown}">{_suggestions(place, column)}'
            )
        case ColumnType.TIMESTAMP:
            return f'<input {attributes} value="{shown}">'


def _suggestions(place: int, column: Input) -> str:
    options = "".join(
        f'<option value="{escape(text)}">' for text in (column.categories or ())[:_MOST_SUGGESTIONS]
    )
    return f'<datalist id="l{place}">{options}</datalist>'
