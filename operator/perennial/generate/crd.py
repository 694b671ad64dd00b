"""From pydantic models to CustomResourceDefinitions with structural schemas."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from perennial.api.kinds import CATEGORY, Column, Kind
from perennial.api.schema import GROUP, VERSION

Schema = dict[str, Any]
"""A JSON schema, or the CustomResourceDefinition made of some: plain JSON."""

_RULES: Final = "x-kubernetes-validations"
_LIST_TYPE: Final = "x-kubernetes-list-type"
_KEPT: Final = (
    "description",
    "type",
    "format",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "default",
    "required",
    "anyOf",
    "x-kubernetes-int-or-string",
    _LIST_TYPE,
    "x-kubernetes-list-map-keys",
    _RULES,
    "properties",
    "additionalProperties",
    "items",
)
_DROPPED: Final = {"title", "$defs"}
_SELF: Final = re.compile(r"\bself\b")
_LARGEST_INT32: Final = 2**31 - 1


class NotStructuralError(TypeError):
    """A field has no structural schema."""

    def __init__(self, path: str, why: str) -> None:
        """Name the field and the obstacle."""
        super().__init__(f"{path}: {why}")


@dataclass(frozen=True, slots=True)
class _Place:
    """A position in a model, with the definitions that it may refer to."""

    path: str
    definitions: Mapping[str, Schema]
    within: tuple[str, ...] = ()

    def at(self, step: str) -> "_Place":
        return replace(self, path=f"{self.path}{step}")


def structural(model: type[BaseModel]) -> Schema:
    """Return the structural schema of a model; raise if a field has none."""
    raw = model.model_json_schema(by_alias=True)
    return _structural(raw, _Place(model.__name__, raw.get("$defs", {})))


def _structural(raw: Schema, place: _Place) -> Schema:
    node, place = _inlined(raw, place)
    if "anyOf" in node:
        return _union(node, place)
    for translate in (_scalar, _list, _map, _object):
        node = translate(node, place)
    if unknown := node.keys() - set(_KEPT) - _DROPPED:
        raise NotStructuralError(place.path, f"{', '.join(sorted(unknown))} has no structural form")
    return {keyword: node[keyword] for keyword in _KEPT if keyword in node}


def _inlined(raw: Schema, place: _Place) -> tuple[Schema, _Place]:
    """Inline a definition; keywords of the field override those of the definition."""
    if "$ref" not in raw:
        return dict(raw), place
    name = raw["$ref"].rsplit("/", 1)[1]
    if name in place.within:
        raise NotStructuralError(place.path, f"{name} contains itself")
    own = {keyword: value for keyword, value in raw.items() if keyword != "$ref"}
    merged = {**place.definitions[name], **own}
    return _inlined(merged, replace(place, within=(*place.within, name)))


def _union(node: Schema, place: _Place) -> Schema:
    """Translate an optional field or int-or-string; raise for any other union."""
    members = [member for member in node["anyOf"] if member != {"type": "null"}]
    own = {keyword: value for keyword, value in node.items() if keyword != "anyOf"}
    if len(members) == 1:
        return _structural({**members[0], **own}, place)
    if [member.get("type") for member in members] != ["integer", "string"]:
        raise NotStructuralError(place.path, "a union has no structural form")
    return _int_or_string(members, own, place)


def _int_or_string(members: list[Schema], own: Schema, place: _Place) -> Schema:
    number, text = members
    bounds = {**number, **text, **own}
    del bounds["type"]
    either = _structural(bounds, place)
    either["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    either["x-kubernetes-int-or-string"] = True
    return {keyword: either[keyword] for keyword in _KEPT if keyword in either}


def _scalar(node: Schema, place: _Place) -> Schema:
    if node.get("type") == "number":
        raise NotStructuralError(place.path, "floats differ between readers; use DecimalString")
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for edge in ("Minimum", "Maximum"):  # CRDs mark exclusive bounds by a boolean
        if f"exclusive{edge}" in node:
            node[edge.lower()], node[f"exclusive{edge}"] = node[f"exclusive{edge}"], True
    if node.get("type") == "integer":
        small = node.get("maximum", _LARGEST_INT32 + 1) <= _LARGEST_INT32
        node["format"] = "int32" if small else "int64"
    if isinstance(node.get("default"), list | dict | None):
        node.pop("default", None)  # an absent object or list reads as its default already
    return node


def _list(node: Schema, place: _Place) -> Schema:
    if "prefixItems" in node:
        raise NotStructuralError(place.path, "a tuple of unlike items has no structural form")
    if node.get("type") == "array":
        unique = node.pop("uniqueItems", False)
        node.setdefault(_LIST_TYPE, "set" if unique else "atomic")
        node["items"] = _structural(node["items"], place.at("[]"))
    return node


def _map(node: Schema, place: _Place) -> Schema:
    """Translate a map: values have a schema, keys have rules."""
    values = list(node.pop("patternProperties", {}).values())
    if values or isinstance(node.get("additionalProperties"), dict):
        (value,) = values or [node["additionalProperties"]]
        node["additionalProperties"] = _structural(value, place.at("{}"))
        keys = _structural(node.pop("propertyNames", {}), place.at("{key}"))
        if rules := _key_rules(keys) + node.get(_RULES, []):
            node[_RULES] = rules
    return node


def _key_rules(keys: Schema) -> list[Schema]:
    rules = [
        {**rule, "rule": f"self.all(key, {_SELF.sub('key', rule['rule'])})"}
        for rule in keys.get(_RULES, [])
    ]
    if "enum" in keys:
        names = ", ".join(keys["enum"])
        rules.append(
            {
                "rule": f"self.all(key, key in {keys['enum']})",
                "message": f"a key must be one of {names}",
            }
        )
    if "maxLength" in keys:
        longest = keys["maxLength"]
        rules.append(
            {
                "rule": f"self.all(key, key.size() <= {longest})",
                "message": f"a key must have at most {longest} characters",
            }
        )
    return rules


def _object(node: Schema, place: _Place) -> Schema:
    if node.get("additionalProperties") is True:
        raise NotStructuralError(place.path, "an object of any content is not validated")
    if "properties" in node:
        node.pop("additionalProperties", None)  # the API server rejects unknown fields itself
        node["properties"] = {
            name: _structural(field, place.at(f".{name}"))
            for name, field in node["properties"].items()
        }
    return node


def custom_resource_definition(kind: Kind) -> Schema:
    """Return the CustomResourceDefinition of a kind."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": _names(kind),
            "scope": "Namespaced",
            "versions": [_version(kind)],
        },
    }


def _names(kind: Kind) -> Schema:
    names: Schema = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.singular,
        "categories": [CATEGORY],
    }
    return names | ({"shortNames": list(kind.short_names)} if kind.short_names else {})


def _version(kind: Kind) -> Schema:
    version: Schema = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_printed(column) for column in kind.columns],
        "subresources": _subresources(kind),
    }
    if kind.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in kind.selectable]
    return {**version, "schema": {"openAPIV3Schema": _root(kind)}}


def _printed(column: Column) -> Schema:
    printed: Schema = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return printed | ({"priority": 1} if column.wide else {})


def _subresources(kind: Kind) -> Schema:
    if kind.scale is None:
        return {"status": {}}
    scale = {
        "specReplicasPath": kind.scale.wanted,
        "statusReplicasPath": kind.scale.actual,
        "labelSelectorPath": kind.scale.selector,
    }
    return {"status": {}, "scale": scale}


def _root(kind: Kind) -> Schema:
    """Return the schema of the object; its default status is that of an unobserved object."""
    rules = [
        {"rule": rule.expression, "message": rule.message, "fieldPath": ".metadata.name"}
        for rule in kind.rules
    ]
    return {
        "description": kind.description,
        "type": "object",
        "required": ["spec"],
        _RULES: rules,
        "properties": {
            "apiVersion": {"type": "string", "description": f"{GROUP}/{VERSION}"},
            "kind": {"type": "string", "description": kind.name},
            "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
            "spec": structural(kind.spec),
            "status": {
                **without_rules(structural(kind.status)),
                "default": {"observedGeneration": -1},
            },
        },
    }


def without_rules(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Return the schema of a status: what another release has written must stay writable."""
    if isinstance(schema, list):
        return [without_rules(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: without_rules(part) for key, part in schema.items() if key != _RULES}
