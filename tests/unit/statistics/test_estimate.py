import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from perennial.statistics.estimate import (
    Calibration,
    decayed,
    estimated,
    mean_error,
    outcome_dispersion,
    realised,
    rising,
)

RATES = np.linspace(0.02, 0.98, 20)
PREDICTED = RATES > 0.5
SHARES = np.full(20, 0.05)


def labelled(rows: int, seed: int, rates: np.ndarray = RATES, shares: np.ndarray = SHARES):
    random = np.random.default_rng(seed)
    counts = random.multinomial(rows, shares)
    return counts.astype(float), random.binomial(counts, rates).astype(float)


def calibration(rows: int = 20_000, seed: int = 0) -> Calibration:
    return Calibration.of(*labelled(rows, seed), PREDICTED)


def test_rates_that_never_fall_are_scikit_learns():
    random = np.random.default_rng(1)
    values, weights = np.sort(random.random(30)) + random.normal(0, 0.2, 30), random.random(30)

    expected = IsotonicRegression().fit_transform(np.arange(30), values, sample_weight=weights)

    assert rising(values, weights) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["accuracy", "f1", "roc_auc", "recall", "brier_score"])
def test_the_interval_of_the_estimate_holds_what_labels_show(name):
    shares = np.linspace(1, 3, 20) / np.linspace(1, 3, 20).sum()  # other callers
    inside = []
    for seed in range(150):
        rows, positives = labelled(2000, 1000 + seed, shares=shares)
        reference = calibration(4000, seed)
        found = estimated(reference, rows)[name]
        shown = realised(reference, rows, positives)[name].value
        inside.append(found.low <= shown <= found.high)

    assert np.mean(inside) >= 0.89


def test_the_interval_of_what_labels_show_holds_the_truth():
    truth = float(np.where(PREDICTED, RATES, 1 - RATES).mean())
    found = [realised(calibration(), *labelled(1000, seed))["accuracy"] for seed in range(200)]

    assert np.mean([each.low <= truth <= each.high for each in found]) == pytest.approx(
        0.95, abs=0.04
    )


def test_labels_correct_what_the_reference_got_wrong():
    odds = RATES / (1 - RATES) * np.exp(-1.6)
    drifted = odds / (1 + odds)
    truth = float(np.where(PREDICTED, drifted, 1 - drifted).mean())
    window = SHARES * 5000

    before = estimated(calibration(), window)["accuracy"].value
    corrected = calibration().corrected(*labelled(5000, 1, drifted))
    after = estimated(corrected, window)["accuracy"]

    assert abs(before - truth) > 0.05
    assert abs(after.value - truth) < 0.01
    assert after.low < truth < after.high


def test_few_labels_change_little():
    few = calibration().corrected(SHARES * 20, np.zeros(20))

    assert few.rates == pytest.approx(RATES, abs=0.12)


def test_no_labels_change_nothing():
    corrected = calibration().corrected(np.zeros(20), np.zeros(20))

    assert corrected.rates == pytest.approx(calibration().rates, abs=1e-6)


def test_dispersion_widens_the_interval():
    narrow = estimated(calibration(), SHARES * 2000)["f1"]
    wide = estimated(calibration(), SHARES * 2000, dispersion=4)["f1"]

    assert wide.high - wide.low == pytest.approx(2 * (narrow.high - narrow.low))


def test_a_window_without_rows_has_no_estimate():
    assert np.isnan(estimated(calibration(), np.zeros(20))["accuracy"].value)


def test_the_error_of_a_regression_follows_the_mix_of_predictions():
    sums, rows = np.array([10.0, 40.0, 0.0]), np.array([10.0, 10.0, 0.0])

    assert mean_error(sums, rows, np.array([5.0, 15.0, 3.0])) == pytest.approx(3.25)
    assert np.isnan(mean_error(sums, rows, np.array([0.0, 0.0, 3.0])))


def test_earlier_labels_count_half():
    assert decayed(np.array([8.0]), np.array([1.0])).tolist() == [5.0]


def test_bins_must_agree():
    with pytest.raises(ValueError, match="one number for each bin"):
        Calibration.of(np.ones(3), np.ones(4), np.ones(3, dtype=bool))


def test_outcomes_of_days_with_rates_of_their_own_are_dispersed():
    random = np.random.default_rng(5)
    rows = np.full((400, 20), 25.0)
    shift = random.normal(0, 0.4, 400)[:, None]
    odds = RATES / (1 - RATES) * np.exp(shift)
    alike = random.binomial(25, RATES, rows.shape).astype(float)
    apart = random.binomial(25, odds / (1 + odds)).astype(float)

    assert outcome_dispersion(RATES, rows, alike) == pytest.approx(1, abs=0.25)
    assert outcome_dispersion(RATES, rows, apart) > 5
    assert outcome_dispersion(RATES, np.zeros((3, 20)), np.zeros((3, 20))) == 1
