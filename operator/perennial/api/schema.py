"""The base classes of API types, and the field metadata for their CRDs."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.types import JsonValue

GROUP = "perennial.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"


class Rule(NamedTuple):
    """A CEL expression that an object must satisfy, and the message of a violation."""

    expression: str
    message: str


def validations(*stated: Rule) -> dict[str, JsonValue]:
    """Return the JSON schema extension that holds CEL rules."""
    stated_as_json: list[JsonValue] = [
        {"rule": rule.expression, "message": rule.message} for rule in stated
    ]
    return {"x-kubernetes-validations": stated_as_json}


def rules(*stated: Rule) -> ConfigDict:
    """Return the model configuration that adds CEL rules to the CRD."""
    return ConfigDict(json_schema_extra=validations(*stated))


def list_map(key: str = "name") -> Any:  # noqa: ANN401 - pydantic types Field() as Any
    """Return field metadata for a list whose items are identified by one required key."""
    return Field(
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [key],
        }
    )


def matching(pattern: str, at_most: int, remedy: str, *more: Rule) -> Any:  # noqa: ANN401 - as above
    """Return field metadata for a pattern, with a message that describes the accepted values."""
    return Field(
        max_length=at_most,
        pattern=pattern,
        json_schema_extra=validations(Rule(f"self.matches(r'{pattern}')", remedy), *more),
    )


class Spec(BaseModel):
    """Base of types that users write; unknown fields are errors."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )


class Status(BaseModel):
    """Base of types that the operator writes; unknown fields, of a newer operator, are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )
