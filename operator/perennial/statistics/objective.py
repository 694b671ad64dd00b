"""Whether a business metric has dropped: hours against the same hours of earlier weeks."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.verdict import FloatArray

WEEK: Final = 168  # hours
BASELINE_WEEKS: Final = 4
HISTORY: Final = 6 * WEEK  # four weeks to compare with, and two to learn the spread from
LEAST_EXPECTED: Final = 8.0  # events an hour in the mean
MOST_MEMORY: Final = 0.97
_ROWS: Final = 20.0  # what the overall rate is worth in an hour without history
_LEAST_VARIANCE: Final = 0.25  # share of the Poisson variance that a rate near 1 keeps


@dataclass(frozen=True, slots=True)
class ObjectiveRule:
    """When a drop is an alarm: evidence for one of `drops` against `harmless`, all relative.

    In four quiet weeks with a wander of 3 %, the threshold is reached in 5 % of all cases.
    """

    drops: tuple[float, ...] = (0.12, 0.20)
    harmless: float = 0.05
    threshold: float = 700.0

    def __post_init__(self) -> None:
        """Refuse a rule that could not decide."""
        if not self.drops or not all(0 < self.harmless < drop < 1 for drop in self.drops):
            raise ValueError(
                "harmless must be above 0, and each of drops between it and 1, "
                f"not {self.harmless} and {self.drops}"
            )
        if self.threshold <= 1:
            raise ValueError(f"threshold must be above 1, not {self.threshold}")


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours against the baseline; each array (paths, hours).

    `z` is the standardised difference, `scale` the change of z by a relative change of 1, and
    `ratio` the rate divided by the baseline's. All are NaN in hours without trials, and for a
    path for which the baseline expects fewer than 8 events an hour in the mean.
    """

    z: FloatArray
    scale: FloatArray
    ratio: FloatArray


def compared(events: FloatArray, trials: FloatArray) -> Hours:
    """Return all hours from the fifth week on, of counts (paths, hours).

    The baseline of an hour is the pooled rate of the same hour in the four weeks before.
    """
    hours = events.shape[-1] - BASELINE_WEEKS * WEEK
    if events.shape != trials.shape or hours <= 0:
        raise ValueError(
            f"events and trials must have equal shapes and more than {BASELINE_WEEKS} weeks of "
            f"hours, not {events.shape} and {trials.shape}"
        )
    now, of = events[..., -hours:], trials[..., -hours:]
    weeks = range(BASELINE_WEEKS)
    before, among = (
        np.sum([each[..., week * WEEK : week * WEEK + hours] for week in weeks], axis=0)
        for each in (events, trials)
    )
    overall = before.sum(axis=-1, keepdims=True) / np.maximum(among.sum(axis=-1, keepdims=True), 1)
    rate = (before + _ROWS * overall) / (among + _ROWS)
    expected = of * rate
    spread = rate * np.maximum(1 - rate, _LEAST_VARIANCE) * of * (1 + of / np.maximum(among, 1))
    error = np.sqrt(np.maximum(spread, 1e-12))
    # by the mean, since hours picked by their own noisy baseline would look like drops
    many = expected.mean(axis=-1, keepdims=True) >= LEAST_EXPECTED
    enough = many & (expected > 0)
    return Hours(
        np.where(enough, (now - expected) / error, np.nan),
        np.where(enough, expected / error, np.nan),
        np.where(enough, now / np.maximum(expected, 1e-12), np.nan),
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """How much quiet hours vary, and how long; each array (paths,).

    `dispersion` multiplies the variance of independent events and is 1 or more; `memory` is the
    correlation of one hour with the next, between 0 and .97.
    """

    dispersion: FloatArray
    memory: FloatArray

    @classmethod
    def of(cls, hours: Hours) -> "Spread":
        """Return the spread of the last two weeks of history, (paths, hours)."""
        z = hours.z
        known = ~np.isnan(z)
        squares = np.where(known, np.nan_to_num(z) ** 2, 0.0).sum(axis=-1)
        mean = squares / np.maximum(known.sum(axis=-1), 1)
        pairs = known[..., 1:] & known[..., :-1]
        products = np.nan_to_num(z[..., 1:]) * np.nan_to_num(z[..., :-1])
        lagged = (products * pairs).sum(axis=-1) / np.maximum(pairs.sum(axis=-1), 1)
        memory = np.clip(lagged / np.maximum(mean, 1e-12), 0.0, MOST_MEMORY)
        return cls(np.maximum(mean, 1.0), memory)


@dataclass(frozen=True, slots=True)
class ObjectiveState:
    """What is carried from hour to hour.

    `logs` (paths, drops) is the logarithm of the evidence of each drop; `z` and `scale` (paths,)
    are the standardised numbers of the hour before, NaN before the first.
    """

    logs: FloatArray
    z: FloatArray
    scale: FloatArray

    @classmethod
    def none(cls, rule: ObjectiveRule, paths: int = 1) -> "ObjectiveState":
        """Return the state before the first hour."""
        unknown = np.full(paths, np.nan)
        return cls(np.full((paths, len(rule.drops)), -np.inf), unknown, unknown)

    def evidence(self) -> FloatArray:
        """Return the mean evidence of the drops, shape (paths,)."""
        return np.asarray(np.exp(self.logs).mean(axis=-1))


def absorb(
    rule: ObjectiveRule, state: ObjectiveState, spread: Spread, hours: Hours
) -> tuple[ObjectiveState, FloatArray]:
    """Return the state after more hours, and the evidence at each of them (paths, hours).

    The procedure of Shiryaev and Roberts for a normal mean of each drop against the harmless one,
    of residuals that are freed of the correlation between neighbouring hours. An hour without
    numbers changes nothing, and the hour after it has no predecessor.
    """
    drops = np.array(rule.drops)
    logs, last_z, last_scale = state.logs, state.z, state.scale
    found = np.empty(hours.z.shape)
    error = np.sqrt(spread.dispersion)
    for hour in range(hours.z.shape[-1]):
        z, scale = hours.z[:, hour] / error, hours.scale[:, hour] / error
        has_last, is_known = ~np.isnan(last_z), ~np.isnan(z)
        memory = np.where(has_last, spread.memory, 0.0)
        clear = np.sqrt(1 - memory**2)
        residual = (z - memory * np.nan_to_num(last_z)) / clear
        each = (scale - memory * np.nan_to_num(last_scale)) / clear
        low, harmless = each[:, None] * drops, (each * rule.harmless)[:, None]
        step = -residual[:, None] * (low - harmless) - (low**2 - harmless**2) / 2
        logs = np.where(is_known[:, None], np.logaddexp(0.0, logs) + step, logs)
        last_z, last_scale = z, scale
        found[:, hour] = np.exp(np.minimum(logs, 700)).mean(axis=-1)
    return ObjectiveState(logs, last_z, last_scale), found
