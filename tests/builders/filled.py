"""The largest object that a schema allows: every field there, every list and map full."""

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# One of these is what any pattern of the API asks for.
SPELLINGS = (
    *("a1", "A1", "1", "1d", "10s", "0.5", "0.1", "1.5", "0123456789", "raw/a1"),
    f"sha256:{'a' * 64}",
)
MOMENT = "2026-03-01T00:00:00Z"


def filled(schema: Schema, number: int = 1) -> Any:
    """Return a value with everything in it; the number tells the items of a list apart."""
    if "properties" in schema:
        return {name: filled(field, number) for name, field in schema["properties"].items()}
    if "additionalProperties" in schema:
        return _map(schema, number)
    if schema.get("type") == "array":
        return [filled(schema["items"], item) for item in range(1, _length(schema) + 1)]
    return _scalar(schema, number)


def _map(schema: Schema, number: int) -> dict[str, Any]:
    rules = schema.get("x-kubernetes-validations", [])
    named = [re.findall(r"'(\w+)'", rule["rule"]) for rule in rules if "key in" in rule["rule"]]
    keys = named[0] if named else [f"key{item}" for item in range(schema["maxProperties"])]
    return {key: filled(schema["additionalProperties"], number) for key in keys}


def _length(schema: Schema) -> int:
    """A list told apart by an enumerated key is no longer than the enumeration."""
    keys = schema.get("x-kubernetes-list-map-keys", [])
    choices = [schema["items"]["properties"][key].get("enum") for key in keys]
    return min([schema["maxItems"], *(len(choice) for choice in choices if choice)])


def _scalar(schema: Schema, number: int) -> Any:
    if "enum" in schema:
        return schema["enum"][(number - 1) % len(schema["enum"])]
    if schema.get("type") == "integer":
        return schema["maximum"]
    if schema.get("type") == "boolean":
        return True
    return MOMENT if schema.get("format") == "date-time" else _text(schema, number)


def _text(schema: Schema, number: int) -> str:
    pattern, longest = schema.get("pattern"), schema["maxLength"]
    if pattern is None:
        return f"{number}".rjust(longest, "x")
    spelling = next(text for text in SPELLINGS if re.search(pattern, text))
    several = f"{spelling}{number}"
    return several if re.search(pattern, several) and len(several) <= longest else spelling
