"""Windows one after the other: how long until a false alarm, and until a true one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from perennial.statistics.recurrence import AlarmRule, AlarmState, absorb

TARGET = 1000.0  # windows
SHIFTS = (1.0, 1.5, 2.0, 3.0, 5.0)
OURS = "Perennial"


@dataclass
class Delays:
    """Mean windows to an alarm of each rule, without a shift and by shift."""

    run_length: dict[str, float]
    by_shift: dict[float, dict[str, float]]


def ours(p: np.ndarray) -> np.ndarray:
    state, found = AlarmState.none(len(p)), []
    for window in p.T:
        state = absorb(AlarmRule(TARGET), state, window)
        found.append(state.evidence())
    return np.log(np.stack(found, axis=1) + 1e-300)


def single(p: np.ndarray) -> np.ndarray:
    return -np.log(p)


def of_last(needed: int, last: int) -> Callable[[np.ndarray], np.ndarray]:
    def rule(p: np.ndarray) -> np.ndarray:
        padded = np.pad(p, ((0, 0), (last - 1, 0)), constant_values=1.0)
        views = np.lib.stride_tricks.sliding_window_view(padded, last, axis=1)
        return -np.log(np.sort(views, axis=-1)[..., needed - 1])

    return rule


RULES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "one window": single,
    "three in a row": of_last(3, 3),
    "three of five": of_last(3, 5),
}


def delays(paths: int, windows: int) -> Delays:
    """Return the delays; other rules get the limit that gives them a run length of 1,000."""
    random = np.random.default_rng(7)
    quiet = _p(random, paths, windows, 0.0)
    limits = {OURS: np.log(TARGET)} | {k: _limit(rule(quiet)) for k, rule in RULES.items()}
    rules = {OURS: ours, **RULES}
    lengths = {name: _run_length(rule(quiet) >= limits[name]) for name, rule in rules.items()}
    by_shift = {}
    for shift in SHIFTS:
        p = _p(random, paths, 400, shift)
        by_shift[shift] = {
            name: _mean_delay(rule(p) >= limits[name]) for name, rule in rules.items()
        }
    return Delays(lengths, by_shift)


def _p(random: np.random.Generator, paths: int, windows: int, shift: float) -> np.ndarray:
    return stats.chi2.sf(random.normal(shift, 1, (paths, windows)) ** 2, 1)


def _limit(evidence: np.ndarray) -> float:
    low, high = 0.0, 40.0
    for _ in range(40):
        middle = (low + high) / 2
        is_short = _run_length(evidence >= middle) < TARGET
        low, high = (middle, high) if is_short else (low, middle)
    return high


def _run_length(alarms: np.ndarray) -> float:
    """Return the mean windows to the first alarm, those without one counted as censored."""
    has = alarms.any(axis=1)
    first = np.where(has, alarms.argmax(axis=1) + 1, alarms.shape[1])
    return float(first.sum() / max(has.sum(), 1))


def _mean_delay(alarms: np.ndarray) -> float:
    return float(np.where(alarms.any(axis=1), alarms.argmax(axis=1) + 1, alarms.shape[1]).mean())
