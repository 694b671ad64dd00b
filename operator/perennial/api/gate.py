"""The result of a check or a gate, as recorded in a status."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from perennial.api.scalars import (
    Count,
    DecimalString,
    Word,
)
from perennial.api.schema import Status


class Outcome(StrEnum):
    """Outcome of a check or a gate."""

    PASSED = "Passed"
    WARNED = "Warned"
    FAILED = "Failed"


class Gate(Status):
    """Result of one validation gate."""

    name: Word
    """Name of the gate."""
    outcome: Outcome
    """Passed, Failed, or, for an advisory gate that is not met, Warned."""
    value: DecimalString | None = None
    """Estimate of the metric. Not set if it was not measured, as with too many classes."""
    low: DecimalString | None = None
    """Lower bound of the confidence interval."""
    high: DecimalString | None = None
    """Upper bound of the confidence interval."""
    limit: Annotated[str, Field(max_length=64)]
    """Limit of the gate, such as 'at least 0.70'."""
    samples: Count
    """Number of held-out rows that the estimate is based on."""
