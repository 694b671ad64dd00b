"""What a test of a rollout concludes, with the numbers that it rests on."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Outcome(StrEnum):
    """The result of one gate."""

    PASSED = "Passed"
    FAILED = "Failed"
    INCONCLUSIVE = "Inconclusive"
    NO_DATA = "NoData"
    TOO_FEW_SAMPLES = "TooFewSamples"


class Measure(StrEnum):
    """The quantity that a verdict's numbers describe."""

    RATIO = "Ratio"  # candidate's rate divided by stable's rate
    RATE = "Rate"  # candidate's events divided by its trials
    SHIFT = "Shift"  # population stability index of two distributions


@dataclass(frozen=True, slots=True)
class Verdict:
    """One look at the evidence of a rollout.

    `low` is a lower bound at the level of rollback and `high` an upper bound at the level of
    promotion; both hold at every look. `None` means no estimate, or no bound. `samples` counts
    the candidate's trials of the whole rollout, `required` those that a promotion needs.
    """

    outcome: Outcome
    measure: Measure
    estimate: float | None
    low: float | None
    high: float | None
    limit: float
    samples: int
    required: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a test found before its rules of data and samples are applied."""

    fresh: bool
    failed: bool
    passed: bool
    samples: int
    required: int

    def outcome(self) -> Outcome:
        """Return the outcome: too few samples hold a promotion, never a rollback."""
        if not self.fresh or not self.samples:
            return Outcome.NO_DATA
        if self.failed:
            return Outcome.FAILED
        if self.samples < self.required:
            return Outcome.TOO_FEW_SAMPLES
        return Outcome.PASSED if self.passed else Outcome.INCONCLUSIVE
