"""The result of a check or a gate, as statuses record it."""

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
    """How a check or a gate ended."""

    PASSED = "Passed"
    WARNED = "Warned"
    FAILED = "Failed"


class Gate(Status):
    """One named limit, and how the version stands to it."""

    name: Word
    """Which gate."""
    outcome: Outcome
    """Passed, Failed, or Warned when the gate is advisory."""
    value: DecimalString | None = None
    """The estimate; absent: it was not measured, as with a measure for two classes only."""
    low: DecimalString | None = None
    """Lower end of its interval."""
    high: DecimalString | None = None
    """Upper end of its interval."""
    limit: Annotated[str, Field(max_length=64)]
    """What was asked for, such as 'at least 0.70'."""
    samples: Count
    """Number of held-out rows behind the estimate."""
