"""Tests that stay valid at every look, and that notice what begins late.

A log-evidence is the logarithm of an e-process: a process whose expectation under the null
hypothesis never exceeds 1, so that it reaches 1/a with probability a at most, however often it
is looked at (Ville 1939; Ramdas, Gruenwald, Vovk and Shafer 2023).
"""

from dataclasses import dataclass

import numpy as np

from perennial.statistics.verdict import BoolArray, FloatArray, IntArray

OWN_EVIDENCE = 3.0  # what a step has to show by itself, on the scale of an e-process
WHOLE_ROLLOUT = 0.5  # share of the rollback evidence that begins with the rollout


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-evidence at every look; each array has the shape (paths, blocks).

    `failing` speaks against the candidate, `passing` for it over the whole rollout, `own` for it
    in the present step alone.
    """

    failing: FloatArray
    passing: FloatArray
    own: FloatArray


@dataclass(frozen=True, slots=True)
class Levels:
    """The error probabilities of one gate over the whole rollout."""

    false_rollback: float = 0.01
    wrong_promotion: float = 0.05
    own_evidence: float = OWN_EVIDENCE

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        for name in ("false_rollback", "wrong_promotion"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")
        if self.own_evidence < 1:
            raise ValueError(f"own_evidence must be at least 1, not {self.own_evidence}")

    def failed(self, evidence: Evidence) -> BoolArray:
        """Return at which looks a rollback is due, shape (paths, blocks)."""
        return np.asarray(evidence.failing >= -np.log(self.false_rollback))

    def passed(self, evidence: Evidence) -> BoolArray:
        """Return at which looks the step is proven, shape (paths, blocks)."""
        whole = evidence.passing >= -np.log(self.wrong_promotion)
        return np.asarray(whole & (evidence.own >= np.log(self.own_evidence)))


def log_mean_exp(logs: FloatArray) -> FloatArray:
    """Return the logarithm of the mean of exponentials over the last axis.

    The mean of e-processes is an e-process (the method of mixtures, Robbins 1970).
    """
    highest = logs.max(axis=-1)
    return np.asarray(highest + np.log(np.exp(logs - highest[..., None]).mean(axis=-1)))


def start_weights(steps: int) -> FloatArray:
    """Return the weight of the evidence that begins with each step, shape (steps,).

    Half of it begins with the rollout, the rest in equal parts with each later step.
    """
    if steps == 1:
        return np.ones(1)
    later = (1 - WHOLE_ROLLOUT) / (steps - 1)
    return np.array([WHOLE_ROLLOUT, *[later] * (steps - 1)])


def mixed_over_starts(parts: list[FloatArray], begun: BoolArray, steps: int) -> FloatArray:
    """Return the log-evidence of e-processes that begin with different steps.

    `parts[s]` began with step s and has the shape (paths, blocks); `begun` has the shape
    (paths, steps). A part that has not begun is 1, so the mixture is an e-process whenever steps
    begin at times that depend on the past alone (Shin, Ramdas and Rinaldo 2022).
    """
    idle = np.zeros_like(parts[0])
    logs = [
        np.where(begun[:, s, None], parts[s], 0.0) if s < len(parts) else idle for s in range(steps)
    ]
    weighted = np.stack(logs, axis=-1) + np.log(start_weights(steps))
    return np.asarray(log_mean_exp(weighted) + np.log(steps))


@dataclass(frozen=True, slots=True)
class Starts:
    """Cumulated sums as they stood when each step began.

    `sums` has the shape (paths, steps, numbers), `step` (paths,): the present step, -1 before
    the first. What a step shows by itself is the present sum minus its start.
    """

    sums: FloatArray
    step: IntArray

    @classmethod
    def none(cls, paths: int, steps: int, numbers: int) -> "Starts":
        """Return the state before the first step."""
        return cls(np.zeros((paths, steps, numbers)), np.full(paths, -1, dtype=np.int64))

    def begin(self, totals: FloatArray, which: BoolArray) -> "Starts":
        """Return the state after the paths of the mask `which` have begun their next step."""
        step = self.step + which
        if step.max(initial=-1) >= self.sums.shape[1]:
            raise ValueError(f"the rule has {self.sums.shape[1]} steps; a further one began")
        sums = self.sums.copy()
        sums[which, step[which]] = totals[which]
        return Starts(sums, step)

    def begun(self) -> BoolArray:
        """Return which steps have begun, shape (paths, steps)."""
        return np.asarray(np.arange(self.sums.shape[1]) <= self.step[:, None])

    def present(self) -> FloatArray:
        """Return the sums at the start of the present step, shape (paths, numbers)."""
        return np.asarray(self.sums[np.arange(len(self.step)), self.step])

    def take(self, paths: BoolArray | IntArray) -> "Starts":
        """Return some of the paths, or one path several times."""
        return Starts(self.sums[paths], self.step[paths])
