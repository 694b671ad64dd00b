"""The scalar types of specs and statuses."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from perennial.api.schema import Rule, matching, validations

LARGEST = 2**53 - 1
"""The largest integer on which every reader of JSON agrees."""

_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"

_DURATION = "write one number and one unit (s, m, h or d), such as 90s or 30d"

_AMOUNT = r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"

Name = Annotated[
    str,
    matching(_LABEL, 63, "a name contains a-z, 0-9 and '-', and starts and ends with a-z or 0-9"),
]

ObjectName = Annotated[
    str,
    matching(_SUBDOMAIN, 253, "a name contains a-z, 0-9, '-' and '.', and starts with a-z or 0-9"),
]
"""The name of an object of another owner, as a DNS subdomain."""

ColumnName = Annotated[
    str,
    matching(
        r'^[^\x00-\x1f"\\]+$',
        128,
        "a column name is not empty and contains no control characters, quotation marks or "
        "backslashes",
    ),
]

Digest = Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]

Duration = Annotated[str, matching(r"^[1-9][0-9]{0,5}(s|m|h|d)$", 8, _DURATION)]

Lag = Annotated[str, matching(r"^(0|[1-9][0-9]{0,5})(s|m|h|d)$", 8, _DURATION)]

DecimalString = Annotated[
    str,
    matching(r"^-?[0-9]+(\.[0-9]+)?$", 24, 'write a decimal number in quotes, such as "0.05"'),
]

LabelName = Annotated[
    str,
    matching(
        r"^[a-zA-Z_][a-zA-Z0-9_]*$",
        64,
        "write the name of a Prometheus label: letters, digits and '_'",
    ),
]

Ratio = Annotated[
    str,
    matching(
        r"^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$",
        12,
        'write a share from 0 to 1 in quotes, such as "0.05"',
    ),
]

Text = Annotated[str, Field(max_length=1024)]

Word = Annotated[str, Field(min_length=1, max_length=256)]

Path = Annotated[
    str,
    matching(
        r"^[^/\x00-\x1f][^\x00-\x1f]*$",
        1024,
        "write a path without a leading '/'",
        Rule("!self.split('/').exists(part, part == '..')", "a path must not contain '..'"),
        Rule(
            "!self.contains('://')",
            "write only the path: the store or the claim has a field of its own",
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
"""A generation of a spec, or -1 before the operator has seen one."""

Time = AwareDatetime

ImageReference = Annotated[str, Field(min_length=1, max_length=512)]
