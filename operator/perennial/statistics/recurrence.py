"""Evidence of windows one after the other: an alarm that is rarely false, and soon."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.verdict import BoolArray, FloatArray

EXPONENTS: Final = (0.1, 0.25, 0.5)
SMALLEST_P: Final = 1e-12
CALM_P: Final = 0.2
"""A window with a larger p-value is calm: 80 % are without drift, 24 % at two standard errors."""
_NONE: Final = -np.inf
_MOST: Final = np.log(1e12)  # more evidence than this says nothing more


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When windows in a row are an alarm.

    Without drift, an alarm comes after `average_run_length` windows or more in the mean. It
    clears after `calm` windows in a row with a p-value above .2, and evidence begins anew.
    """

    average_run_length: float = 1000.0
    calm: int = 3

    def __post_init__(self) -> None:
        """Refuse a rule that would always alarm, or never clear."""
        if self.average_run_length <= 1:
            raise ValueError(
                f"average_run_length must be above 1 window, not {self.average_run_length}"
            )
        if self.calm < 1:
            raise ValueError(f"calm must be 1 window or more, not {self.calm}")


@dataclass(frozen=True, slots=True)
class AlarmState:
    """What is carried from window to window.

    `logs` (paths, 3) is the logarithm of the evidence of each calibrator, `calm` (paths,) the
    number of calm windows in a row, `alarmed` (paths,) whether the alarm stands.
    """

    logs: FloatArray
    calm: FloatArray
    alarmed: BoolArray

    @classmethod
    def none(cls, paths: int = 1) -> "AlarmState":
        """Return the state before the first window."""
        zeros = np.zeros(paths)
        return cls(np.full((paths, len(EXPONENTS)), _NONE), zeros, zeros.astype(bool))

    def evidence(self) -> FloatArray:
        """Return the evidence, shape (paths,): an alarm begins at the average run length."""
        return np.asarray(np.exp(self.logs).mean(axis=-1))


def absorb(rule: AlarmRule, state: AlarmState, p: FloatArray) -> AlarmState:
    """Return the state after one more window with the p-values `p`, shape (paths,).

    R = e (1 + R) for each of the calibrators e = k p^(k - 1) (Vovk and Wang 2021), and the mean
    of the three: Shiryaev and Roberts's procedure with e-values (Shin, Ramdas and Rinaldo 2022).
    The mean of R less the number of windows is a supermartingale, so the mean time to an alarm
    is at least the threshold. A window without a p-value (NaN) changes nothing.
    """
    exponents = np.array(EXPONENTS)
    inside = np.clip(np.nan_to_num(p, nan=1.0), SMALLEST_P, 1.0)
    each = np.log(exponents) + (exponents - 1) * np.log(inside)[:, None]
    logs = np.minimum(np.logaddexp(0.0, state.logs) + each, _MOST)
    logs = np.where(np.isnan(p)[:, None], state.logs, logs)
    calm = np.where(np.isnan(p), state.calm, np.where(p > CALM_P, state.calm + 1, 0))
    begun = state.alarmed | (np.exp(logs).mean(axis=-1) >= rule.average_run_length)
    clears = state.alarmed & (calm >= rule.calm)
    return AlarmState(np.where(clears[:, None], _NONE, logs), calm, begun & ~clears)
