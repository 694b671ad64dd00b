"""values.yaml, values.schema.json and the table of the chart's README, from the chart's values."""

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel
from pydantic.types import JsonValue

from perennial.generate.chart_values import Values

CHART: Final = Path("charts/perennial")
_EXAMPLES: Final = {
    "stores": (
        "default:",
        "  endpoint: https://s3.example.com",
        "  bucket: models",
        "  secretName: perennial-store",
    ),
    "default": ("url: http://prometheus-operated.monitoring:9090",),
}
_TABLE: Final = re.compile(r"(?<=<!-- values -->\n).*(?=<!-- end of values -->)", re.DOTALL)
_LEFT_OUT: Final = ("title", "x-kubernetes-validations")


def values_file(header: str) -> str:
    """Return values.yaml: every value with its default and its description."""
    return f"# {header}\n" + "".join(_entries(Values(), ""))


def schema_file() -> str:
    """Return values.schema.json, which rejects unknown keys."""
    schema = _strict(Values.model_json_schema(by_alias=True))
    schema["properties"]["global"] = {
        "type": "object",
        "description": "Values of a parent chart; not used here.",
    }
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=1) + "\n"


def readme(written: str) -> str:
    """Return the chart's README with an updated table of values."""
    rows = "".join(
        f"| `{path}` | `{json.dumps(default)}` | {text} |\n" for path, default, text in leaves()
    )
    table = f"\n| Value | Default | Description |\n|---|---|---|\n{rows}\n"
    return _TABLE.sub(lambda _: table, written)


def leaves(values: BaseModel | None = None, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield the path, the default and the description of every value."""
    for name, value, text in _fields(values or Values()):
        if isinstance(value, BaseModel):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, text


def _fields(values: BaseModel) -> Iterator[tuple[str, Any, str]]:
    plain = values.model_dump(mode="json", by_alias=True)
    for name, field in type(values).model_fields.items():
        alias, value = field.alias or name, getattr(values, name)
        shown = value if isinstance(value, BaseModel) else plain[alias]
        yield alias, shown, field.description or ""


def _entries(values: BaseModel, indent: str) -> Iterator[str]:
    for name, value, text in _fields(values):
        yield f"\n{indent}# -- {text}\n" if not indent else f"{indent}# -- {text}\n"
        if isinstance(value, BaseModel):
            yield f"{indent}{name}:\n"
            yield from _entries(value, f"{indent}  ")
            continue
        yield textwrap.indent(_entry(name, value), indent)
        yield from (f"{indent}#   {line}\n" for line in _EXAMPLES.get(name, ()))


def _entry(name: str, value: JsonValue) -> str:
    """Return one value as YAML; lists and empty values on one line."""
    if isinstance(value, dict) and value:
        return yaml.safe_dump({name: value}, sort_keys=False)
    return f"{name}: {json.dumps(value)}\n"


def _strict(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON schema
    """Return a schema without CRD extensions, whose maps reject keys outside their pattern."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _strict(part) for key, part in schema.items() if not _is_left_out(key, part)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept


def _is_left_out(key: str, part: object) -> bool:
    """Return whether a keyword is dropped; properties of the same name are kept."""
    return key in _LEFT_OUT and not isinstance(part, dict)
