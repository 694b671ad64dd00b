"""What gates count in a block: events and trials, and the bins of distributions."""

import pytest

from builders.rollout_evidence import ALONE, question
from perennial.observing.rollout_counts import (
    block_counts,
    classes,
    errors,
    refusals,
    shared_bins,
    slow,
)
from perennial.planning.model_deployment.gates.counts import CLASSES, ERRORS, NO_SUMS, SCORES
from perennial.prometheus import families
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Block, Increments, Missing, NoData
from perennial.prometheus.ledger import Ledger
from perennial.prometheus.snapshots import Count, Life, ScoreBin

ASKED = question()
OWN, STABLE = ASKED.source.candidate, ASKED.source.stable
GRID = Grid(ASKED.source.begin.timestamp(), 15.0)


def requests(**outcomes):
    return {Count(families.REQUESTS, (name, "x")): value for name, value in outcomes.items()}


def buckets(**ends):
    found = {"inf": "+Inf"}
    return {
        Count(families.LATENCY, (found.get(end, end.strip("_").replace("_", ".")),)): value
        for end, value in ends.items()
    }


def ledger(counts=(), edges=None):
    lives = {Life(OWN, "pod", 0.0): dict.fromkeys(counts, 0.0)}
    return Ledger(1, lives, {}, edges or {}, {})


def edges(*ends):
    return {ScoreBin("prediction", str(number)): end for number, end in enumerate(ends, 1)}


def test_errors_are_failed_requests_and_dead_workers():
    counts = {**requests(answered=90, failed=8), Count(families.WORKER_DEATHS): 2}
    assert errors(counts) == (10, 98)


def test_refusals_are_counted_among_all_requests():
    assert refusals(requests(answered=90, refused=10)) == (10, 100)


def test_slow_requests_lie_above_the_bound():
    counts = buckets(_0_01=50, _0_05=90, inf=100)
    assert slow(counts, 0.05) == (10, 100)
    assert slow({}, 0.05) == (0, 0)


def test_bins_between_edges_that_both_have_are_merged():
    infinity = float("inf")
    found = shared_bins(
        ledger(
            edges={OWN: edges(0.05, 0.1, 0.5, infinity), STABLE: edges(0.1, 0.3, 0.5, infinity)}
        ),
        OWN,
        STABLE,
    )
    assert found.candidate == {("1",): 0, ("2",): 0, ("3",): 1, ("4",): 2}
    assert found.stable == {("1",): 0, ("2",): 1, ("3",): 1, ("4",): 2}
    assert found.size == 3


def test_revisions_without_common_edges_share_no_bins():
    found = shared_bins(ledger(edges={OWN: edges(0.1), STABLE: edges(0.2)}), OWN, STABLE)
    assert found.size == 0


def test_all_classes_have_a_place_though_a_block_has_one():
    yes, no = Count(families.CLASSES, ("yes",)), Count(families.CLASSES, ("no",))
    assert classes(ledger([yes, no])).candidate == {("no",): 0, ("yes",): 1}


def block(own, stable):
    return Block(1, GRID.edge(1), {OWN: own, STABLE: stable})


def test_a_block_has_the_counts_of_both_and_the_dispersion_of_stables_pods():
    yes = Count(families.CLASSES, ("yes",))
    no = Count(families.CLASSES, ("no",))
    own = Increments({**requests(answered=9, failed=1), yes: 4, no: 6}, {})
    pods = {
        "a": {**requests(answered=40, failed=10), yes: 20, no: 30},
        "b": {**requests(answered=50), yes: 25, no: 25},
    }
    total = {**requests(answered=90, failed=10), yes: 45, no: 55}
    found = block_counts(ASKED, GRID, block(own, Increments(total, pods)), ledger([yes, no]))
    counts = found.rates[ERRORS]
    assert (counts.candidate_events, counts.candidate_trials) == (1, 10)
    assert (counts.stable_events, counts.stable_trials) == (10, 100)
    squares, expected, degrees, events = counts.dispersion
    assert (degrees, events) == (1, 10)
    assert squares > expected
    assert found.mixes[CLASSES].candidate == (6, 4)
    assert found.mixes[SCORES].candidate == ()
    assert found.missing == ""


def test_one_pod_has_no_dispersion():
    one = Increments(requests(failed=5), {"a": requests(failed=5)})
    found = block_counts(ASKED, GRID, block(one, one), ledger())
    assert found.rates[ERRORS].dispersion == NO_SUMS


@pytest.mark.parametrize(("baseline", "missing"), [(None, "gone"), (ALONE, "")])
def test_missing_data_of_stable_counts_only_where_it_is_compared(baseline, missing):
    asked = question(baseline=baseline)
    known, gone = Increments(requests(answered=1), {}), NoData(Missing.STALE, "gone")
    assert block_counts(asked, GRID, block(known, gone), ledger()).missing == missing
    assert block_counts(asked, GRID, block(gone, known), ledger()).missing == "gone"
