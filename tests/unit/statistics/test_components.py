import numpy as np
import pytest
from scipy import stats

from perennial.statistics.components import (
    DISPERSION,
    LOCATION,
    OMNIBUS,
    Components,
    Kind,
    normal_scores,
    padded,
    rare_p,
)

NUMBER = np.array([0.0, *[1000.0] * 16, 0.0, 50.0])  # below, 16 bins, above, missing
CATEGORY = np.array([5000.0, 3000.0, 1000.0, 500.0, 0.0, 20.0])  # 3, other, unseen, missing


def number(rows: float = 1000) -> Components:
    return Components.of([Kind.NUMBER], [NUMBER], rows)


def drawn(counts: np.ndarray, rows: int, windows: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(rows, counts / counts.sum(), windows) * 1.0


def test_statistics_of_independent_rows_have_the_expectation_one():
    found = number().statistics(1e3 * NUMBER[None, None], drawn(NUMBER, 1000, 4000)[None])[0]

    assert found.mean(axis=0) == pytest.approx([1, 1, 1], abs=0.08)


def test_the_omnibus_statistic_is_the_chi_square_of_a_table():
    window = drawn(NUMBER, 2000, 1)
    table = np.stack([NUMBER, window[0]])
    expected = stats.chi2_contingency(table[:, table.sum(axis=0) > 0], correction=False)

    found = number(2000).statistics(NUMBER[None, None], window[None])[0, 0, OMNIBUS]

    assert found * expected.dof == pytest.approx(expected.statistic)


def test_bins_with_few_expected_rows_share_a_cell():
    few = Components.of([Kind.CATEGORY], [CATEGORY], 20)

    assert few.degrees.tolist() == [1]


def test_normal_scores_have_the_moments_of_a_standard_normal():
    shares = np.full(200, 500.0)

    location, dispersion = normal_scores(shares)

    assert location.mean() == pytest.approx(0, abs=1e-9)
    assert (location**2).mean() == pytest.approx(1, abs=0.01)
    assert dispersion.mean() == pytest.approx(0, abs=1e-9)


def test_a_shift_shows_in_location_and_a_wider_spread_in_dispersion():
    edges = stats.norm.ppf(np.arange(1, 16) / 16)
    random = np.random.default_rng(2)

    def window(values: np.ndarray) -> np.ndarray:
        bins = np.bincount(np.searchsorted(edges, values), minlength=16)
        return np.array([[[0, *bins, 0, 0]]], dtype=float)

    reference = NUMBER[None, None]
    moved = number().statistics(reference, window(random.normal(0.3, 1, 1000)))[0, 0]
    wider = number().statistics(reference, window(random.normal(0, 1.4, 1000)))[0, 0]

    assert moved[LOCATION] > 30 > 3 * moved[DISPERSION]
    assert wider[DISPERSION] > 30 > 3 * wider[LOCATION]


def test_a_window_without_rows_deviates_by_nothing():
    found = number().statistics(NUMBER[None, None], np.zeros((1, 1, len(NUMBER))))

    assert found.tolist() == [[[0, 0, 0]]]


def test_new_values_are_those_out_of_range_or_unseen():
    counts = padded([np.arange(19.0), np.array([1.0, 2, 3, 4, 5, 6])])[:, None]
    both = Components.of([Kind.NUMBER, Kind.CATEGORY], [NUMBER, CATEGORY], 1000)

    assert both.rare(counts)[:, 0].tolist() == [[0 + 17, 18], [5, 6]]


def test_a_category_has_no_location_and_an_answer_no_missing_values():
    mixed = Components.of([Kind.CATEGORY, Kind.ANSWER], [CATEGORY, CATEGORY], 1000)

    assert [mixed.has(component).tolist() for component in range(5)] == [
        [True, True], [False, True], [False, True], [True, False], [True, False],
    ]  # fmt: skip


def test_rare_shares_that_are_equal_are_found_different_as_often_as_the_level_allows():
    random = np.random.default_rng(5)
    events, before = random.binomial(1000, 0.02, 20_000), random.binomial(5000, 0.02, 20_000)

    p = rare_p(events, 1000.0, before, 5000.0)

    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.01)


def test_a_share_of_nothing_has_no_p_value():
    assert np.isnan(rare_p(np.zeros(1), 100.0, np.zeros(1), 100.0)).all()


def test_many_events_are_compared_as_two_shares():
    table = np.array([[700.0, 300.0], [6500.0, 3500.0]])
    expected = stats.chi2_contingency(table, correction=False).pvalue

    assert rare_p(np.array([700.0]), 1000.0, np.array([6500.0]), 1e4) == pytest.approx(expected)
