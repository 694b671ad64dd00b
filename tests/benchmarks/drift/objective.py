"""A conversion that is quiet for four weeks, or drops: alarms of production's rule and others'."""

from dataclasses import dataclass

import numpy as np

from perennial.statistics.objective import (
    HISTORY,
    WEEK,
    Hours,
    ObjectiveRule,
    ObjectiveState,
    Spread,
    absorb,
    compared,
)

OURS = "Perennial"
RATE, WANDER, MEMORY, WATCHED = 0.05, 0.03, 0.95, 4 * WEEK
DROP = 0.2
ONSETS = tuple(range(192, 216, 3))  # hours after the history, all hours of a day alike


@dataclass
class Objective:
    """By rule: share of quiet four weeks with an alarm, and median hours to find the drop."""

    quiet: dict[str, float]
    hours: dict[str, float]
    found: dict[str, float]
    """Share of drops that are found within 72 hours."""


def objective(paths: int, hourly: float) -> Objective:
    random = np.random.default_rng(int(hourly))
    quiet = {
        name: [alarms.any(axis=1)]
        for name, alarms in _alarms(*_counts(random, paths, hourly)).items()
    }
    delays: dict[str, list[np.ndarray]] = {name: [] for name in quiet}
    for onset in ONSETS:
        each = _alarms(*_counts(random, max(paths // len(ONSETS), 1), hourly, onset))
        for name, alarms in each.items():
            calm = ~alarms[:, :onset].any(axis=1)
            after = alarms[calm, onset : onset + 72]
            delays[name].append(np.where(after.any(axis=1), after.argmax(axis=1) + 1, np.inf))
    every = {name: np.concatenate(found) for name, found in delays.items()}
    return Objective(
        {name: float(np.mean(found)) for name, found in quiet.items()},
        {name: float(np.median(found)) if len(found) else np.nan for name, found in every.items()},
        {
            name: float(np.isfinite(found).mean()) if len(found) else np.nan
            for name, found in every.items()
        },
    )


def _counts(
    random: np.random.Generator, paths: int, hourly: float, onset: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return events and trials with days, weekends, and a rate that wanders."""
    hours = HISTORY + WATCHED
    at = np.arange(hours)
    day, weekend = np.sin(2 * np.pi * at / 24), (at % WEEK) // 24 >= 5
    season = 1 + 0.15 * day + 0.1 * weekend + 0.05 * np.sin(2 * np.pi * at / WEEK)
    pace = np.maximum(0.15, 1 + 0.8 * np.sin(2 * np.pi * (at % 24 - 9) / 24))
    wander = random.normal(0, WANDER, (paths, hours))
    wander[:, 1:] *= np.sqrt(1 - MEMORY**2)
    for hour in range(1, hours):
        wander[:, hour] += MEMORY * wander[:, hour - 1]
    trials = random.poisson(hourly * pace * np.ones((paths, 1)))
    rate = np.clip(RATE * season * np.exp(wander), 0, 0.5)
    if onset is not None:
        rate[:, HISTORY + onset :] *= 1 - DROP
    return random.binomial(trials, rate).astype(float), trials.astype(float)


def _alarms(events: np.ndarray, trials: np.ndarray) -> dict[str, np.ndarray]:
    """Return the alarmed hours of the watched weeks by rule, each (paths, hours)."""
    return {OURS: _ours(events, trials), **_others(events, trials)}


def _ours(events: np.ndarray, trials: np.ndarray) -> np.ndarray:
    hours, rule = compared(events, trials), ObjectiveRule()
    learned, watched = (
        Hours(hours.z[:, part], hours.scale[:, part], hours.ratio[:, part])
        for part in (slice(0, 2 * WEEK), slice(2 * WEEK, None))
    )
    state = ObjectiveState.none(rule, len(events))
    return absorb(rule, state, Spread.of(learned), watched)[1] >= rule.threshold


def _others(events: np.ndarray, trials: np.ndarray) -> dict[str, np.ndarray]:
    """Return rules of Prometheus: a rate below nine tenths of an earlier one."""
    by_hour = _rate(events, trials, 1)
    by_day, by_week = (_rate(events, trials, hours) for hours in (24, WEEK))
    hourly = _below(by_hour, _earlier(by_hour))
    last_three = np.stack([np.roll(hourly, back, axis=1) for back in range(3)])
    return {
        "1 h against last week": hourly,
        "the same, for 3 h": last_three.all(axis=0),
        "1 h against 7 days": _below(by_hour, by_week),
        "24 h against last week": _below(by_day, _earlier(by_day)),
    }


def _rate(events: np.ndarray, trials: np.ndarray, hours: int) -> np.ndarray:
    def moving(counts: np.ndarray) -> np.ndarray:
        total = np.cumsum(counts, axis=1)
        return total - np.pad(total, ((0, 0), (hours, 0)))[:, : total.shape[1]]

    return moving(events) / np.maximum(moving(trials), 1)


def _earlier(rates: np.ndarray) -> np.ndarray:
    return np.roll(rates, WEEK, axis=1)


def _below(rates: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    return (rates < 0.9 * earlier)[:, HISTORY:]
