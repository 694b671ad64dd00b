import numpy as np
import pytest

from perennial.statistics.time_blocks import LEAST_ANSWERS, time_blocks

DAY = 86_400.0


def times(days: int, a_day: int) -> np.ndarray:
    return np.arange(days * a_day) * DAY / a_day


@pytest.mark.parametrize(
    ("days", "a_day", "seconds"),
    [(60, 900, 86_400), (60, 24_000, 3600), (2, 86_400 * 10, 300), (300, 100, 604_800)],
)
def test_blocks_are_the_shortest_with_enough_rows(days, a_day, seconds):
    blocks = time_blocks(times(days, a_day))

    assert blocks is not None
    assert blocks.seconds == seconds
    assert np.median(np.bincount(blocks.of_row)) >= 500


def test_fewer_rows_are_enough_for_answers():
    blocks = time_blocks(times(60, 900), LEAST_ANSWERS)

    assert blocks is not None
    assert blocks.seconds == 10_800


@pytest.mark.parametrize(
    "given", [times(20, 900), times(60, 3), np.full(5000, np.nan), np.zeros(0)]
)
def test_a_short_or_thin_reference_has_no_blocks(given):
    assert time_blocks(given) is None


def test_rows_without_a_time_are_in_no_block():
    given = times(60, 900)
    given[::10] = np.nan
    blocks = time_blocks(given)

    assert blocks is not None
    assert (blocks.of_row[::10] == -1).all()
    assert (np.delete(blocks.of_row, np.s_[::10]) >= 0).all()


def test_stretches_without_rows_are_no_blocks():
    given = np.concatenate([times(30, 900), times(30, 900) + 100 * DAY])
    blocks = time_blocks(given)

    assert blocks is not None
    assert blocks.number == 60
    assert (blocks.starts % DAY == 0).all()


def test_windows_are_at_most_a_sixth_of_the_reference():
    daily, hourly = time_blocks(times(90, 900)), time_blocks(times(60, 24_000))

    assert daily is not None
    assert hourly is not None
    assert (daily.lengths(), daily.runs) == ([1, 2, 3, 7, 14], False)
    assert hourly.lengths() == [1, 2, 3, 7, 14, 24, 28, 56, 112, 168, 224]
    assert hourly.runs
