"""The field reference of a kind: its schema as Markdown tables."""

from collections.abc import Iterator
from typing import Final

from perennial.api.kinds import Kind
from perennial.api.schema import API_VERSION
from perennial.generate.crd import Schema, custom_resource_definition

_TABLE: Final = "| Field | Type | Default | Description |\n|---|---|---|---|\n"
_RULES: Final = "x-kubernetes-validations"


def reference_page(kind: Kind, header: str) -> str:
    """Return the page of a kind: its names in kubectl, then one table per object."""
    versions = custom_resource_definition(kind)["spec"]["versions"]
    root = versions[0]["schema"]["openAPIV3Schema"]
    sections = [_head(kind, header), _names(kind), _rules(root)]
    for part in ("spec", "status"):
        sections += _objects(part, root["properties"][part])
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(kind: Kind, header: str) -> str:
    return f"<!-- {header} -->\n\n# {kind.name}\n\n{kind.description}"


def _names(kind: Kind) -> str:
    short = "".join(f", `{name}`" for name in kind.short_names)
    columns = " ".join(column.name.upper() for column in kind.columns if not column.wide)
    return (
        f"`apiVersion: {API_VERSION}`, `kind: {kind.name}`. "
        f"In kubectl: `{kind.plural}`, `{kind.singular}`{short}; "
        f"`kubectl get {kind.plural}` shows {columns}."
    )


def _objects(path: str, schema: Schema) -> Iterator[str]:
    """Yield the section of an object, then those of its nested objects."""
    fields = schema["properties"]
    required = schema.get("required", [])
    rows = [_row(path, name, field, name in required) for name, field in fields.items()]
    title = f"{'##' if '.' not in path else '###'} {path}"
    parts = [title, schema.get("description", ""), _TABLE + "\n".join(rows), _rules(schema)]
    yield "\n\n".join(part for part in parts if part)
    for name, field in fields.items():
        inner, place = _innermost(field, f"{path}.{name}")
        if "properties" in inner:
            yield from _objects(place, inner)


def _row(path: str, name: str, field: Schema, required: bool) -> str:  # noqa: FBT001 - a column of the table
    default = "required" if required else f"`{field['default']}`" if "default" in field else ""
    text = f"{field.get('description', '')} {_remedies(path, field)}".strip()
    cells = [f"`{name}`", _type(field, f"{path}.{name}"), default, text]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _remedies(path: str, field: Schema) -> str:
    """Return the messages of a value's rules; objects list theirs in their own section."""
    if path.startswith("status") or "properties" in field:
        return ""
    messages: list[str] = [rule["message"] for rule in field.get(_RULES, [])]
    return " ".join(f"{message[0].upper()}{message[1:]}." for message in messages)


def _rules(schema: Schema) -> str:
    messages = [f"- {rule['message']}" for rule in schema.get(_RULES, [])]
    return "\n".join(["Validation messages:\n", *messages]) if messages else ""


def _type(field: Schema, place: str) -> str:
    if field.get("type") == "array":
        return f"list of {_type(field['items'], f'{place}[]')}, at most {field['maxItems']}"
    if "additionalProperties" in field:
        inner = _type(field["additionalProperties"], f"{place}{{}}")
        return f"map to {inner}, at most {field['maxProperties']}"
    if "properties" in field:
        return f"[object](#{_anchor(place)})"
    return _scalar(field)


def _scalar(field: Schema) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "integer":
        return f"integer{_range(field)}"
    if "x-kubernetes-int-or-string" in field:
        return "amount"
    return "time" if field.get("format") == "date-time" else str(field["type"])


def _range(field: Schema) -> str:
    if field["format"] == "int64":  # the largest int64 is no practical limit
        return f", from {field['minimum']}"
    return f", {field['minimum']} to {field['maximum']}"


def _innermost(field: Schema, place: str) -> tuple[Schema, str]:
    """Return the schema of the elements of a list or a map, and its place."""
    if field.get("type") == "array":
        return _innermost(field["items"], f"{place}[]")
    if "additionalProperties" in field:
        return _innermost(field["additionalProperties"], f"{place}{{}}")
    return field, place


def _anchor(place: str) -> str:
    return place.lower().translate(str.maketrans("", "", ".[]{}"))
