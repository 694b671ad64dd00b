import numpy as np
import pytest

from perennial.statistics.recurrence import AlarmRule, AlarmState, absorb

PATHS = 300


def run(rule: AlarmRule, p: np.ndarray) -> np.ndarray:
    """Return which paths are alarmed after each window, (paths, windows)."""
    state, found = AlarmState.none(len(p)), []
    for window in p.T:
        state = absorb(rule, state, window)
        found.append(state.alarmed)
    return np.stack(found, axis=1)


def test_without_drift_alarms_are_as_rare_as_promised():
    p = np.random.default_rng(1).random((PATHS, 1500))
    alarmed = run(AlarmRule(average_run_length=300), p)

    first = np.where(alarmed.any(axis=1), alarmed.argmax(axis=1) + 1, 1500)

    assert first.sum() / alarmed.any(axis=1).sum() >= 300


def test_improbable_windows_alarm_soon():
    alarmed = run(AlarmRule(), np.full((1, 12), 0.01))

    assert not alarmed[0, 0]
    assert alarmed[0, 11]


def test_one_window_alone_can_alarm():
    assert run(AlarmRule(), np.array([[1e-9]])).all()


def test_an_alarm_clears_after_three_calm_windows_and_evidence_begins_anew():
    p = np.array([[1e-9, 0.5, 0.5, 0.1, 0.5, 0.5, 0.5]])

    assert run(AlarmRule(), p)[0].tolist() == [True] * 6 + [False]

    state = AlarmState.none()
    for window in p.T:
        state = absorb(AlarmRule(), state, window)
    assert state.evidence() == 0


def test_however_strong_a_drift_was_its_alarm_clears():
    p = np.array([[*[1e-12] * 200, *[0.5] * 3]])

    with np.errstate(all="raise", under="ignore"):
        assert not run(AlarmRule(), p)[0, -1]


def test_a_window_without_a_p_value_changes_nothing():
    before = absorb(AlarmRule(), AlarmState.none(), np.array([0.01]))

    after = absorb(AlarmRule(), before, np.array([np.nan]))

    assert after.evidence() == before.evidence()


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"average_run_length": 1}, "average_run_length must be above 1"), ({"calm": 0}, "calm must")],
)
def test_a_rule_that_always_alarms_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        AlarmRule(**changed)
