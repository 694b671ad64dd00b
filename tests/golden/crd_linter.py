"""What a good CustomResourceDefinition is: every rule a function that yields what breaks it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from perennial.api.model import Metric

Schema = Mapping[str, Any]

LARGEST_BYTES: Final = 256 * 1024
"""All CRDs together: client-side apply keeps a copy of each in an annotation."""

YAML_BOOLEANS: Final = {"y", "n", "yes", "no", "true", "false", "on", "off"}
SCIKIT_LEARN: Final = {str(metric) for metric in Metric}
TAKEN_SHORT_NAMES: Final = {
    *("cm", "cs", "ep", "ev", "limits", "ns", "no", "po", "pv", "pvc", "quota", "rc", "sa", "svc"),
    *("crd", "crds", "cj", "csc", "csr", "deploy", "ds", "hpa", "ing", "netpol", "pc", "pdb"),
    *("rs", "sc", "sts", "vap"),
}
CONDITION: Final = {
    "type",
    "status",
    "reason",
    "message",
    "observedGeneration",
    "lastTransitionTime",
}


@dataclass(frozen=True)
class Node:
    """One place in a schema."""

    path: str
    schema: Schema
    is_field: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def is_a(self, type_: str) -> bool:
        return self.schema.get("type") == type_

    def lacks(self, *keywords: str) -> bool:
        return any(keyword not in self.schema for keyword in keywords)


def nodes(schema: Schema, path: str, *, is_field: bool = False) -> Iterator[Node]:
    """Yield a schema and everything in it."""
    yield Node(path, schema, is_field)
    for name, field in schema.get("properties", {}).items():
        yield from nodes(field, f"{path}.{name}", is_field=True)
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from nodes(schema["additionalProperties"], f"{path}{{}}")


def unbounded(node: Node) -> Iterator[str]:
    free = node.lacks("maxLength") and node.lacks("enum") and node.lacks("format")
    if (node.is_a("string") or "x-kubernetes-int-or-string" in node.schema) and free:
        yield "a string without maxLength"
    if node.is_a("array") and node.lacks("maxItems"):
        yield "a list without maxItems"
    if "additionalProperties" in node.schema and node.lacks("maxProperties"):
        yield "a map without maxProperties"
    if node.is_a("integer") and node.lacks("minimum", "maximum"):
        yield "an integer without minimum and maximum"


def undescribed(node: Node) -> Iterator[str]:
    if node.is_field and not node.schema.get("description"):
        yield "a field without description"


def untyped(node: Node) -> Iterator[str]:
    if node.lacks("type") and node.lacks("x-kubernetes-int-or-string"):
        yield "no type"
    if node.is_a("object") and node.lacks("properties") and node.lacks("additionalProperties"):
        yield "an object whose content is not described"
    if node.schema.get("x-kubernetes-preserve-unknown-fields"):
        yield "unknown fields are kept, not refused"


def imprecise(node: Node) -> Iterator[str]:
    if node.is_a("number"):
        yield "a float"
    if "nullable" in node.schema:
        yield "null beside absent"


def list_without_identity(node: Node) -> Iterator[str]:
    if not node.is_a("array"):
        return
    kind = node.schema.get("x-kubernetes-list-type")
    if kind not in {"atomic", "set", "map"}:
        yield "a list without x-kubernetes-list-type"
    if kind == "map":
        keys = node.schema.get("x-kubernetes-list-map-keys", [])
        if not keys or not set(keys) <= set(node.schema["items"].get("required", [])):
            yield "a list map whose keys are not required"


def badly_named(node: Node) -> Iterator[str]:
    if node.is_field and not re.fullmatch(r"[a-z][a-zA-Z0-9]*", node.name):
        yield "a field that is not camelCase"
    if node.is_field and node.name.lower() in YAML_BOOLEANS:
        yield "a field that YAML reads as a boolean"
    if node.path == "status.phase":
        yield "a phase; conditions say more"


def bad_choice(node: Node) -> Iterator[str]:
    if node.path == "status.conditions[].status":  # metav1's own words, quoted everywhere
        return
    for word in node.schema.get("enum", []):
        if str(word).lower() in YAML_BOOLEANS:
            yield f"the choice {word}, which YAML reads as a boolean"
        elif not re.fullmatch(r"[A-Z][A-Za-z0-9]*", word) and word not in SCIKIT_LEARN:
            yield f"the choice {word}, which is not CamelCase"


def silent_rule(node: Node) -> Iterator[str]:
    for rule in node.schema.get("x-kubernetes-validations", []):
        if not rule.get("message"):
            yield f"the rule {rule['rule']} without a message"


NODE_RULES: Final[Sequence[Callable[[Node], Iterator[str]]]] = (
    unbounded,
    undescribed,
    untyped,
    imprecise,
    list_without_identity,
    badly_named,
    bad_choice,
    silent_rule,
)


def unseen_counts_as_current(version: Schema) -> Iterator[str]:
    status = _root(version)["properties"]["status"]
    if status.get("default") != {"observedGeneration": -1}:
        yield "status: an object that no operator has seen counts as current"


def foreign_conditions(version: Schema) -> Iterator[str]:
    fields = _root(version)["properties"]["status"]["properties"]
    conditions = fields.get("conditions", {})
    if conditions.get("x-kubernetes-list-map-keys") != ["type"]:
        yield "status.conditions: not a list map by type"
    elif set(conditions["items"].get("required", [])) != CONDITION:
        yield "status.conditions[]: not the conditions that every tool reads"


def writable_status(version: Schema) -> Iterator[str]:
    if "status" not in version.get("subresources", {}):
        yield "subresources: the status can be written with the spec"


def no_answer_at_first_sight(version: Schema) -> Iterator[str]:
    shown = {
        column["name"]
        for column in version.get("additionalPrinterColumns", [])
        if not column.get("priority")
    }
    for name in {"Ready", "Reason", "Age"} - shown:
        yield f"additionalPrinterColumns: no {name}"


def optional_spec(version: Schema) -> Iterator[str]:
    if "spec" not in _root(version).get("required", []):
        yield "spec: not required"


def any_name(version: Schema) -> Iterator[str]:
    rules = _root(version).get("x-kubernetes-validations", [])
    if not any("metadata.name.size()" in rule["rule"] for rule in rules):
        yield "metadata.name: no limit that leaves room for the names of children"


VERSION_RULES: Final[Sequence[Callable[[Schema], Iterator[str]]]] = (
    unseen_counts_as_current,
    foreign_conditions,
    writable_status,
    no_answer_at_first_sight,
    optional_spec,
    any_name,
)


def name_clashes(names: Schema) -> Iterator[str]:
    for name in TAKEN_SHORT_NAMES & set(names.get("shortNames", [])):
        yield f"names: {name} is the short name of another kind"
    if "all" in names.get("categories", []):
        yield "names: 'kubectl get all' is not for us"
    if "perennial" not in names.get("categories", []):
        yield "names: 'kubectl get perennial' does not show it"


def findings(crd: Schema) -> list[str]:
    """Return everything that is wrong with a CustomResourceDefinition."""
    found = list(name_clashes(crd["spec"]["names"]))
    for version in crd["spec"]["versions"]:
        found += [finding for rule in VERSION_RULES for finding in rule(version)]
        for part in ("spec", "status"):
            schema = _root(version)["properties"][part]
            for node in nodes(schema, part):
                found += [
                    f"{node.path}: {finding}" for rule in NODE_RULES for finding in rule(node)
                ]
    return found


def size(crd: Schema) -> int:
    """Return the bytes of a CustomResourceDefinition as kubectl's annotation holds it."""
    return len(json.dumps(crd, separators=(",", ":")))


def _root(version: Schema) -> Schema:
    root: Schema = version["schema"]["openAPIV3Schema"]
    return root
