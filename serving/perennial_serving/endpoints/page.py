"""`GET /` for people: what this model is, what it takes, and a form to try it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from typing import Final

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, label_text
from perennial_serving.endpoints.descriptions import example_value
from perennial_serving.model.served import ServedModel

HTML: Final = "text/html; charset=utf-8"
_MOST_SUGGESTIONS: Final = 200

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
input, select, button { font: inherit; width: 100%; box-sizing: border-box; }
pre { padding: 1rem; background: #8882; overflow: auto; }
"""

# every name and value stays in the page as text: the script builds nothing from markup
_SCRIPT: Final = """
const form = document.querySelector("form"), answer = document.querySelector("output");
const read = {
  Number: Number, Integer: Number, Category: String, Timestamp: String,
  Boolean: text => text === "true",
};
form.addEventListener("submit", async event => {
  event.preventDefault();
  const row = Object.create(null);
  for (const field of form.elements)
    if (field.name && field.value !== "") row[field.name] = read[field.dataset.type](field.value);
  try {
    const response = await fetch("predict", {
      method: "POST", body: JSON.stringify({rows: [row]}),
      headers: {"content-type": "application/json"},
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
});
"""


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
    name = escape(model.name)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title><style>{_STYLE}</style></head><body>
<h1>{name}</h1>
<dl>{"".join(_facts(model))}</dl>
<h2>Try it</h2>
<form><table>
<tr><th>column</th><th>type</th><th>value</th></tr>
{"".join(_field(place, column) for place, column in enumerate(model.schema.inputs))}
</table><p><button>Predict</button></p></form>
<pre><output>The answer comes here.</output></pre>
<p>Programs ask <code>POST /predict</code> or the Open Inference Protocol at
<code>/v2/models/{name}/infer</code>: see <a href="openapi.json">openapi.json</a>.</p>
<script>{_SCRIPT}</script></body></html>
""".encode()


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
