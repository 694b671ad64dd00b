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

LARGEST = 2**53 - 1
"""The largest integer on which every reader of JSON agrees."""


class Rule(NamedTuple):
    """A CEL expression that an object must satisfy, and what to tell whoever breaks it."""

    expression: str
    message: str


def validations(*stated: Rule) -> dict[str, JsonValue]:
    """Return the JSON schema of CEL rules, for whatever carries them into the CRD."""
    stated_as_json: list[JsonValue] = [
        {"rule": rule.expression, "message": rule.message} for rule in stated
    ]
    return {"x-kubernetes-validations": stated_as_json}


def rules(*stated: Rule) -> ConfigDict:
    """Return the model configuration that carries CEL rules into the CRD."""
    return ConfigDict(json_schema_extra=validations(*stated))


def list_map(key: str = "name") -> Any:  # noqa: ANN401 - pydantic types Field() as Any
    """Return field metadata: a list whose items are told apart by one required key."""
    return Field(
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [key],
        }
    )


def spelled(pattern: str, at_most: int, remedy: str, *more: Rule) -> Any:  # noqa: ANN401 - as above
    """Return field metadata: a pattern, and words for whoever misses it: nobody reads a regex."""
    return Field(
        max_length=at_most,
        pattern=pattern,
        json_schema_extra=validations(Rule(f"self.matches(r'{pattern}')", remedy), *more),
    )


_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
_DURATION = "write one number and one unit (s, m, h or d), such as 90s or 30d"
_AMOUNT = r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"

Name = Annotated[
    str, spelled(_LABEL, 63, "a name holds a-z, 0-9 and '-' and begins and ends with a-z or 0-9")
]
ObjectName = Annotated[
    str,
    spelled(_SUBDOMAIN, 253, "a name holds a-z, 0-9, '-' and '.' and begins with a-z or 0-9"),
]
"""The name of an object that Perennial does not own."""
ColumnName = Annotated[
    str, spelled(r"^[^\x00-\x1f]+$", 128, "name a column: not empty, no control characters")
]
Digest = Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
Duration = Annotated[str, spelled(r"^[1-9][0-9]{0,5}(s|m|h|d)$", 8, _DURATION)]
Lag = Annotated[str, spelled(r"^(0|[1-9][0-9]{0,5})(s|m|h|d)$", 8, _DURATION)]
DecimalString = Annotated[
    str,
    spelled(r"^-?[0-9]+(\.[0-9]+)?$", 24, 'write a decimal number in quotes, such as "0.05"'),
]
Ratio = Annotated[
    str,
    spelled(
        r"^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$",
        12,
        'write a share from 0 to 1 in quotes, such as "0.05"',
    ),
]
Text = Annotated[str, Field(max_length=1024)]
Word = Annotated[str, Field(min_length=1, max_length=256)]
Path = Annotated[
    str,
    spelled(
        r"^[^/\x00-\x1f][^\x00-\x1f]*$",
        1024,
        "write a path without a '/' in front of it",
        Rule("!self.split('/').exists(part, part == '..')", "a path must not contain '..'"),
        Rule(
            "!self.contains('://')",
            "write the path alone: its store or claim is named beside it",
        ),
    ),
]
Quantity = Annotated[
    Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
    | Annotated[str, Field(max_length=24, pattern=_AMOUNT)],
    Field(
        union_mode="left_to_right",
        json_schema_extra=validations(
            Rule(
                f"type(self) == int || self.matches(r'{_AMOUNT}')",
                "write an amount such as 2, 500m or 1Gi",
            )
        ),
    ),
]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Generation = Annotated[int, Field(ge=-1, le=LARGEST)]
"""A generation of a spec; -1: none was seen yet."""
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
