import numpy as np
import pytest

from perennial.statistics.pseudo_windows import (
    PseudoWindows,
    parts_of,
    rows_outside,
    rows_unseen,
)


def windows(length: int = 3, *, runs: bool = False, blocks: int = 60) -> PseudoWindows:
    return PseudoWindows.of(blocks, length, 50, runs=runs, seed=1)


def test_no_block_is_drawn_twice():
    assert all(len(set(drawn)) == 3 for drawn in windows().drawn.tolist())


def test_runs_are_consecutive_blocks():
    assert (np.diff(windows(runs=True).drawn, axis=1) == 1).all()


def test_equal_seeds_draw_equal_blocks():
    assert (windows().drawn == windows().drawn).all()


@pytest.mark.parametrize("length", [0, 11])
def test_a_window_is_at_most_a_sixth_of_the_reference(length):
    with pytest.raises(ValueError, match=f"a window of {length} blocks needs a reference"):
        windows(length)


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (2, 2), (7, 7), (28, 7), (30, 7)])
def test_a_window_has_seven_parts_at_most(length, parts):
    slices = parts_of(length)

    assert len(slices) == parts
    assert [at for part in slices for at in range(length)[part]] == list(range(length))


def test_counts_are_added_by_part():
    by_block = np.random.default_rng(2).integers(0, 9, (2, 60, 4)).astype(float)
    drawn = windows(10)

    counts = drawn.counts(by_block)

    assert counts.shape == (2, 50, 7, 4)
    assert (counts.sum(axis=2) == by_block[:, drawn.drawn].sum(axis=2)).all()


def test_rows_outside_are_those_beyond_all_other_blocks():
    random = np.random.default_rng(3)
    values, block = random.normal(size=600), np.repeat(np.arange(60), 10)
    values[::17] = np.nan
    drawn = windows()

    found = rows_outside(values, block, drawn)

    for row, chosen in zip(found, drawn.drawn, strict=True):
        others = values[~np.isin(block, chosen)]
        low, high = np.nanmin(others), np.nanmax(others)
        for rows, one in zip(row, chosen, strict=True):
            inside = values[block == one]
            assert rows == ((inside < low) | (inside > high)).sum()


def test_rows_unseen_are_those_whose_value_no_other_block_has():
    random = np.random.default_rng(4)
    codes, block = random.integers(-1, 200, 600), np.repeat(np.arange(60), 10)
    drawn = windows()

    found = rows_unseen(codes, block, drawn)

    assert found.sum() > 0
    for row, chosen in zip(found, drawn.drawn, strict=True):
        known = codes[~np.isin(block, chosen)]
        for rows, one in zip(row, chosen, strict=True):
            inside = codes[block == one]
            assert rows == (~np.isin(inside, known) & (inside >= 0)).sum()


def test_without_values_nothing_is_new():
    nothing, block = np.full(600, -1), np.repeat(np.arange(60), 10)

    assert rows_unseen(nothing, block, windows()).sum() == 0
    assert rows_outside(np.full(600, np.nan), block, windows()).sum() == 0
