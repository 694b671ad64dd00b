import numpy as np

from builders.counting import layout_of
from perennial_serving.counters.count import EXPLICIT, RecordCounter
from perennial_serving.counters.double_buffer import Totals
from perennial_serving.counters.rows import RowBlock


def block(delay: list[float], codes: list[list[int]]) -> RowBlock:
    rows = len(delay)
    numbers = np.column_stack([delay, np.ones(rows)])
    classes, told = np.zeros(rows, np.intp), np.tile([0.8, 0.2], (rows, 1))
    return RowBlock(numbers, np.array(codes), classes, told, np.full(rows, np.nan))


def test_counts_are_added_to_those_that_are_there():
    layout = layout_of()
    totals = Totals.empty(layout)
    rows = block([1.0, np.nan], [[0, 0], [41, 4]])
    RecordCounter(layout).rows(rows, totals)
    RecordCounter(layout).rows(rows, totals)
    found = dict(zip(layout.features, totals.counts[layout.counts.features].tolist(), strict=True))
    assert found["delay", "missing"] == found["carrier", "missing"] == 2
    assert found["origin", "missing"] == 2
    assert sum(found.values()) == 4 * 4


def test_nothing_to_count_changes_nothing():
    layout = layout_of()
    totals = Totals.empty(layout)
    counter = RecordCounter(layout)
    counter.rows(block([], np.empty((0, 2), np.int64).tolist()), totals)
    counter.requests(np.empty((0, 3)), totals)
    counter.labels(np.empty((0, 5)), totals)
    assert not totals.counts.any()
    assert not totals.sums.any()


def test_requests_that_name_their_revision_are_counted_by_outcome_alone():
    layout = layout_of()
    totals = Totals.empty(layout)
    statuses = (200, 299, 404, 421, 500, 599)
    records = [[EXPLICIT + status, 7, 0.5] for status in statuses]
    RecordCounter(layout).requests(np.array(records), totals)
    assert totals.counts[layout.counts.explicit_requests].tolist() == [2, 1, 2, 1]
    assert totals.counts.sum() == len(statuses)
    assert not totals.sums.any()


def test_errors_beyond_all_measure_are_cut():
    layout = layout_of("none")
    totals = Totals.empty(layout)
    RecordCounter(layout).labels(np.array([[0, 0, 2, 0, 1e300], [0, 0, 2, 0, -4.0]]), totals)
    assert np.isfinite(totals.sums).all()
    assert totals.sums[layout.sums.under].sum() == 4
