"""Any value that a JSON schema allows, be it pydantic's own or a structural one."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Schema = Mapping[str, Any]
MOST = 3
"""Items of a list or map: more only take longer."""

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2262, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.isoformat().replace("+00:00", "Z"))


def anything(schema: Schema, definitions: Schema | None = None) -> SearchStrategy[Any]:
    """Return a strategy for the values of a schema."""
    known = definitions or schema.get("$defs", {})
    if "$ref" in schema:
        return anything(known[schema["$ref"].rsplit("/", 1)[1]], known)
    if "anyOf" in schema:
        own = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
        return st.one_of(*(anything({**own, **member}, known) for member in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    return _TYPES[schema["type"]](schema, known)


def _object(schema: Schema, known: Schema) -> SearchStrategy[Any]:
    if "properties" not in schema:
        return _map(schema, known)
    required = schema.get("required", [])
    fields = {name: anything(field, known) for name, field in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: fields[name] for name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )


def _map(schema: Schema, known: Schema) -> SearchStrategy[Any]:
    """Keys are described by names and patterns in pydantic's schemas, in ours by rules alone."""
    keys = {"type": "string", **schema.get("propertyNames", {})}
    values = schema.get("additionalProperties")
    if "patternProperties" in schema:
        ((keys["pattern"], values),) = schema["patternProperties"].items()
    for rule in schema.get("x-kubernetes-validations", []):
        keys |= _key_rule(rule["rule"])
    least = schema.get("minProperties", 0)
    return st.dictionaries(
        anything(keys, known), anything(values, known), min_size=least, max_size=least + MOST
    )


def _key_rule(rule: str) -> Schema:
    if matches := re.search(r"key\.matches\(r'(.*)'\)", rule):
        return {"pattern": matches[1]}
    if longest := re.search(r"key\.size\(\) <= (\d+)", rule):
        return {"maxLength": int(longest[1])}
    return {"enum": re.findall(r"'(\w+)'", rule)}


def _list(schema: Schema, known: Schema) -> SearchStrategy[Any]:
    least = schema.get("minItems", 0)
    return st.lists(anything(schema["items"], known), min_size=least, max_size=least + MOST)


def _string(schema: Schema, _: Schema) -> SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return MOMENTS
    longest = schema["maxLength"]
    if "pattern" in schema:
        whole = schema["pattern"].removeprefix("^").removesuffix("$")  # '$' takes a newline too
        return st.from_regex(re.compile(whole), fullmatch=True).filter(
            lambda text: len(text) <= longest
        )
    return st.text(min_size=schema.get("minLength", 0), max_size=min(longest, 40))


def _integer(schema: Schema, _: Schema) -> SearchStrategy[Any]:
    return st.integers(schema["minimum"], schema["maximum"])


_TYPES = {
    "object": _object,
    "array": _list,
    "string": _string,
    "integer": _integer,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
