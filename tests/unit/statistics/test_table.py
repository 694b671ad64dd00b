from functools import cache

import numpy as np
import pytest

from perennial.statistics.components import Components, Kind
from perennial.statistics.pseudo_windows import PseudoWindows
from perennial.statistics.table import TableNull, effect, weighted_shift

INPUTS, BLOCKS, BINS, ROWS = 6, 120, 10, 400
WANDER = 0.3  # of the log shares, from block to block


def blocks(number: int, seed: int, tilt: float = 0.0, rows: int = ROWS) -> np.ndarray:
    """Return counts (inputs, blocks, bins) whose shares wander from block to block."""
    random = np.random.default_rng(seed)
    logs = random.normal(0, WANDER, (INPUTS, number, BINS))
    logs[0] += tilt * np.linspace(-1, 1, BINS)
    shares = np.exp(logs)
    return random.multinomial(rows, shares / shares.sum(axis=-1, keepdims=True)).astype(float)


@cache
def reference(seed: int = 0) -> np.ndarray:
    return blocks(BLOCKS, seed)


@cache
def null(length: int = 1, seed: int = 0) -> TableNull:
    by_block = reference(seed)
    components = Components.of([Kind.ANSWER] * INPUTS, list(by_block.sum(axis=1)), ROWS * length)
    windows = PseudoWindows.of(BLOCKS, length, 300, runs=False, seed=seed)
    return TableNull.fitted(components, by_block, windows, np.zeros((INPUTS, 300, length)))


def p_of(counts: np.ndarray, length: int = 1, seed: int = 0, least_effect: float = 0) -> np.ndarray:
    parts = counts.reshape(INPUTS, -1, length, BINS)
    total = reference(seed).sum(axis=1)
    return null(length, seed).judged(total, parts, least_effect).table


@pytest.mark.parametrize("length", [1, 4])
def test_windows_that_wander_as_the_reference_does_rarely_alarm(length):
    alarms = [
        (p_of(blocks(100 * length, 100 + seed), length, seed) <= 0.05).mean() for seed in range(5)
    ]

    assert np.mean(alarms) <= 0.1


def test_rows_taken_as_independent_would_alarm_on_all_of_them():
    components = null().components
    counts = blocks(100, 9)[:, :, None]

    found = TableNull.independent(components, ROWS).judged(reference().sum(axis=1), counts)

    assert (found.table <= 0.05).mean() > 0.95


def test_independent_rows_alarm_at_the_nominal_rate_without_blocks():
    random = np.random.default_rng(3)
    total = np.full((INPUTS, BINS), 5000.0)
    counts = random.multinomial(ROWS, np.full(BINS, 0.1), (INPUTS, 2000))[:, :, None] * 1.0
    components = Components.of([Kind.ANSWER] * INPUTS, list(total), ROWS)

    found = TableNull.independent(components, ROWS).judged(total, counts)

    assert (found.table <= 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_a_shift_of_one_input_is_found_and_named():
    moved = blocks(50, 5, tilt=1.0)[:, :, None]

    found = null().judged(reference().sum(axis=1), moved)

    assert (found.table <= 0.01).mean() > 0.9
    assert (found.listed.argmin(axis=0) == 0).mean() > 0.9
    assert (found.listed[1:] <= 0.01).mean() < 0.02


def test_most_windows_with_one_odd_block_are_no_drift_though_their_sum_differs():
    parts = blocks(200, 6).reshape(INPUTS, 50, 4, BINS)
    parts[0, :, 2] = 0
    parts[0, :, 2, -1] = ROWS

    found = null(4).judged(reference().sum(axis=1), parts)

    assert (found.listed[0] <= 0.01).all()
    assert (found.table <= 0.01).mean() < 0.4


@pytest.mark.parametrize("rows", [20, 4 * ROWS, 20 * ROWS])
def test_windows_with_more_or_fewer_rows_than_the_reference_rarely_alarm(rows):
    assert (p_of(blocks(300, 8, rows=rows), seed=1) <= 0.05).mean() <= 0.1


def test_an_input_that_is_always_missing_is_found():
    random = np.random.default_rng(9)
    shares = np.array([0.0, *[0.0475] * 20, 0.0, 0.05])
    total = random.multinomial(50_000, shares).astype(float)
    windows = random.multinomial(500, shares, (1, 3))[:, :, None].astype(float)
    windows[0, 1] = 0
    windows[0, 1, 0, -1] = 500
    components = Components.of([Kind.NUMBER], [total], 500)

    found = TableNull.independent(components, 500).judged(total[None], windows)

    assert found.table[1] < 1e-12
    assert (found.table[[0, 2]] > 0.01).all()


def test_a_difference_below_the_least_effect_is_none():
    moved = blocks(50, 5, tilt=0.6)

    assert (p_of(moved, least_effect=0.0) <= 0.01).mean() > 0.5
    assert (p_of(moved, least_effect=1.0) <= 0.01).mean() == 0


def test_the_effect_of_equal_distributions_is_zero_in_the_mean():
    shares = np.full(BINS, 1 / BINS)
    windows = np.random.default_rng(1).multinomial(500, shares, 2000).astype(float)

    found = effect(shares * 20_000, windows)

    assert found.estimate.mean() == pytest.approx(0, abs=0.002)
    assert found.estimate.std() <= found.error.mean() <= 2.5 * found.estimate.std()


def test_importance_weighs_shifts_and_chance_below_zero_is_none():
    shifts = np.array([[0.4], [-0.1], [0.2]])

    assert weighted_shift(shifts, np.array([3.0, 1.0, 0.0])) == pytest.approx([0.3])
    assert weighted_shift(shifts, np.zeros(3)) == pytest.approx([0.2])
