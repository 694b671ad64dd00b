import numpy as np
import pytest

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

RULE = ObjectiveRule()
QUIET = 2 * WEEK


def counts(paths: int, drop: float = 0.0, seed: int = 1, hourly: float = 2000.0):
    """Return events and trials with a day, and a drop that begins after six weeks."""
    random = np.random.default_rng(seed)
    hours = HISTORY + QUIET
    day = 1 + 0.5 * np.sin(np.arange(hours) * 2 * np.pi / 24)
    trials = random.poisson(hourly * day, (paths, hours))
    rate = np.full(hours, 0.05) * (1 + 0.1 * np.cos(np.arange(hours) * 2 * np.pi / 24))
    rate[HISTORY:] *= 1 - drop
    return random.binomial(trials, rate).astype(float), trials.astype(float)


def evidence(events: np.ndarray, trials: np.ndarray) -> np.ndarray:
    hours = compared(events, trials)
    learned, watched = (
        Hours(*(each[:, part] for each in (hours.z, hours.scale, hours.ratio)))
        for part in (slice(0, 2 * WEEK), slice(2 * WEEK, None))
    )
    state = ObjectiveState.none(RULE, len(events))
    return absorb(RULE, state, Spread.of(learned), watched)[1]


def test_quiet_weeks_do_not_alarm():
    assert (evidence(*counts(60)) >= RULE.threshold).any(axis=1).mean() <= 0.02


def test_a_drop_of_a_fifth_is_found_within_a_day():
    found = evidence(*counts(60, drop=0.2)) >= RULE.threshold

    assert found[:, :24].any(axis=1).mean() >= 0.95


def test_a_harmless_drop_rarely_alarms():
    assert (evidence(*counts(60, drop=0.03)) >= RULE.threshold).any(axis=1).mean() <= 0.05


def test_independent_hours_have_a_dispersion_of_one_and_no_memory():
    hours = compared(*counts(60))

    spread = Spread.of(hours)

    assert spread.dispersion == pytest.approx(np.ones(60), abs=0.35)
    assert spread.memory.mean() < 0.08


def test_correlated_hours_are_remembered():
    random, z = np.random.default_rng(2), np.zeros((5, 5000))
    for hour in range(1, 5000):
        z[:, hour] = 0.8 * z[:, hour - 1] + random.normal(0, 1.2, 5)

    spread = Spread.of(Hours(z, np.ones_like(z), np.ones_like(z)))

    assert spread.memory == pytest.approx(np.full(5, 0.8), abs=0.05)
    assert spread.dispersion == pytest.approx(np.full(5, 4.0), rel=0.2)


def test_a_metric_with_few_expected_events_is_not_compared():
    hours = compared(*counts(1, hourly=100))

    assert np.isnan(hours.z).all()


def test_an_hour_without_trials_is_not_compared():
    events, trials = counts(1)
    events[:, -3], trials[:, -3] = 0, 0

    assert np.flatnonzero(np.isnan(compared(events, trials).z[0])).tolist() == [
        HISTORY + QUIET - 4 * WEEK - 3
    ]


def test_an_hour_that_is_not_compared_changes_nothing():
    unknown = np.full((1, 1), np.nan)
    spread = Spread(np.ones(1), np.zeros(1))
    one = Hours(np.full((1, 1), -9.0), np.full((1, 1), 20.0), np.ones((1, 1)))
    before, _ = absorb(RULE, ObjectiveState.none(RULE), spread, one)

    after, _ = absorb(RULE, before, spread, Hours(unknown, unknown, unknown))

    assert after.evidence() == before.evidence()


def test_hours_one_by_one_give_the_evidence_of_all_at_once():
    hours, spread = compared(*counts(3, drop=0.1)), Spread(np.ones(3), np.full(3, 0.3))
    _, expected = absorb(RULE, ObjectiveState.none(RULE, 3), spread, hours)

    state, found = ObjectiveState.none(RULE, 3), []
    for hour in range(hours.z.shape[1]):
        at = slice(hour, hour + 1)
        one = Hours(hours.z[:, at], hours.scale[:, at], hours.ratio[:, at])
        state, evidence = absorb(RULE, state, spread, one)
        found.append(evidence)

    assert np.concatenate(found, axis=1) == pytest.approx(expected)


def test_four_weeks_are_needed():
    with pytest.raises(ValueError, match="more than 4 weeks"):
        compared(np.ones((1, 4 * WEEK)), np.ones((1, 4 * WEEK)))


@pytest.mark.parametrize("changed", [{"drops": ()}, {"harmless": 0.3}, {"threshold": 1}])
def test_a_rule_that_cannot_decide_is_refused(changed):
    with pytest.raises(ValueError, match="must be"):
        ObjectiveRule(**changed)
