"""The base of every API model, and the scalar types that specs are made of."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.types import JsonValue

GROUP = "perennial.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

Name = Annotated[
    str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
]
ColumnName = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
Digest = Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
Duration = Annotated[str, Field(max_length=8, pattern=r"^[1-9][0-9]{0,5}(s|m|h|d)$")]
Lag = Annotated[str, Field(max_length=8, pattern=r"^(0|[1-9][0-9]{0,5})(s|m|h|d)$")]
DecimalString = Annotated[str, Field(max_length=24, pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
Ratio = Annotated[str, Field(max_length=12, pattern=r"^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$")]
Text = Annotated[str, Field(max_length=1024)]
Word = Annotated[str, Field(min_length=1, max_length=256)]
Path = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^/\x00-\x1f][^\x00-\x1f]*$")]
Quantity = Annotated[int | str, Field(union_mode="left_to_right")]
Time = AwareDatetime

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_timedelta(duration: str) -> timedelta:
    """Return the length of time that a duration such as ``90s`` or ``30d`` names."""
    return timedelta(seconds=int(duration[:-1]) * _SECONDS[duration[-1]])


def to_timestamp(moment: datetime) -> str:
    """Return a moment as the API server writes it: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical_json(value: JsonValue) -> str:
    """Return the one spelling of a JSON value that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(value: JsonValue) -> str:
    """Return the identity of a JSON value: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(canonical_json(value).encode()).hexdigest()}"


class Rule(NamedTuple):
    """A CEL expression that an object must satisfy, and what to tell whoever breaks it."""

    expression: str
    message: str


def rules(*stated: Rule) -> ConfigDict:
    """Return the model configuration that carries CEL rules into the CRD."""
    validations: list[JsonValue] = [
        {"rule": rule.expression, "message": rule.message} for rule in stated
    ]
    return ConfigDict(json_schema_extra={"x-kubernetes-validations": validations})


def list_map(key: str = "name") -> Any:  # noqa: ANN401 - pydantic types Field() as Any
    """Return field metadata: a list whose items are told apart by one required key."""
    return Field(
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [key],
        }
    )


class Spec(BaseModel):
    """What a user writes: unknown fields are mistakes."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )


class Status(BaseModel):
    """What the operator writes: a newer operator may have written more."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )
