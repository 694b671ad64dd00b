"""A small dose of `make bench-rollout`: whole rollouts, thousands at once, by fixed seeds."""

import numpy as np
import pytest

from benchmarks.rollout import cells, peers, report, rollouts
from benchmarks.rollout.cells import Cell, Noise, ShiftCell
from benchmarks.rollout.eta import Estimated
from benchmarks.rollout.report import Measured
from benchmarks.rollout.rollouts import Results

MANY = 300


def test_a_good_candidate_is_promoted_within_a_quarter_of_an_hour():
    results = rollouts.rates(Cell("healthy", pods=2), MANY, looks=240)

    assert results.share("rolled_back") <= 0.0125
    assert results.median("promoted") <= 15
    assert results.too_early == 0


def test_a_candidate_with_twice_the_errors_is_found_within_six_minutes():
    results = rollouts.rates(Cell("twice the errors", pods=2, ratios=(2.0,) * 3), MANY, looks=120)

    assert results.median("rolled_back") <= 6
    assert results.share("promoted") == 0


def test_a_fault_of_the_last_step_alone_is_hardly_promoted():
    cell = Cell("late", per_minute=3000, pods=2, ratios=(1.0, 1.0, 2.0))

    assert rollouts.rates(cell, MANY, looks=60).share("promoted") <= 0.05


def test_bursts_are_no_reason_for_a_rollback():
    cell = Cell("healthy", Noise.CLUSTERS, 3000, pods=2)

    assert rollouts.rates(cell, MANY, looks=60).share("rolled_back") <= 0.03


def test_a_candidate_that_fails_all_of_ten_requests_a_minute_is_found_within_three():
    cell = Cell("every request fails", per_minute=10, pods=2, all_fail=True, known=False)

    assert rollouts.rates(cell, MANY, looks=24).median("rolled_back") <= 3


def test_a_shift_at_its_limit_is_not_rolled_back():
    results = rollouts.shifts(ShiftCell("shift", 0.10), 100, looks=60)

    assert results.share("rolled_back") <= 0.01


def test_a_large_shift_is_found_within_two_minutes():
    assert rollouts.shifts(ShiftCell("shift", 1.0), 100, looks=20).median("rolled_back") <= 2


def test_other_rules_find_a_bad_candidate_and_judge_more_good_ones_wrongly():
    good = peers.simulate(Cell("healthy", Noise.SHOCKS, pods=2), MANY)
    bad = peers.simulate(Cell("twice the errors", pods=2, ratios=(2.0,) * 3), MANY)

    for rule in peers.PEERS.values():
        assert np.isfinite(rule(bad)).mean() > 0.95
    for name in ("plain z-test, every look", "OME's example rule", "Argo Rollouts, threshold"):
        assert np.isfinite(peers.PEERS[name](good)).mean() > 0.1


def test_every_cell_draws_its_own_numbers_the_same_in_every_run():
    every = [*cells.healthy(), *cells.faults(), *cells.unusual(), *cells.shifts()]
    drawn = [cell.random().random() for cell in every]

    assert len(set(drawn)) == len(every)
    assert drawn == [cell.random().random() for cell in every]


@pytest.fixture
def measured() -> Measured:
    ended = Results(*(np.array([number, np.inf]) for number in (2.0, 8.0, 4.0)))
    every = [*cells.healthy(), *cells.faults(), *cells.unusual()]
    return Measured(
        paths=2,
        rates=dict.fromkeys(every, ended),
        shifts=dict.fromkeys(cells.shifts(), ended),
        eta=[Estimated(every[0], 0.5, 6.0, 5.0)],
    )


def test_the_summary_has_a_number_for_each_target(measured):
    found = report.summary(measured)

    assert found.keys() == report.TARGETS.keys()
    assert found["false_rollback_max"] == found["shift_false_max"] == 0.5
    assert found["eta_error_max"] == pytest.approx(0.2)
    assert any("false_rollback_max is 0.5" in line for line in report.missed(found))


def test_every_cell_has_a_line_in_a_table(measured):
    lines = [line for line in report.tables(measured).splitlines() if line.startswith("| ")]
    heads = 4 + 1  # the table of other rules has none here

    assert len(lines) == len(measured.rates) + len(measured.shifts) + len(measured.eta) + heads
