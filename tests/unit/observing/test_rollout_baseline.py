"""What stable's history tells before a rollout."""

from dataclasses import replace
from datetime import timedelta

from builders.rollout_evidence import question
from perennial.observing.rollout_baseline import (
    BLOCKS,
    baseline_of,
    history_grid,
    latency_bound,
)
from perennial.prometheus import families
from perennial.prometheus.increments import Block, Increments
from perennial.prometheus.ledger import Ledger
from perennial.prometheus.snapshots import Count, Life

SOURCE = question().source


def buckets(**ends):
    return {
        Count(families.LATENCY, (end.strip("_").replace("_", "."),)): n for end, n in ends.items()
    }


def requests(answered=0, failed=0):
    return {
        Count(families.REQUESTS, ("answered", "200")): answered,
        Count(families.REQUESTS, ("failed", "500")): failed,
    }


def history(*blocks):
    return [Block(index, 0.0, {SOURCE.stable: block}) for index, block in enumerate(blocks, 1)]


def ledger(revision=SOURCE.stable):
    return Ledger(1, {Life(revision, "pod", 0.0): {}}, {}, {}, {})


def test_history_ends_with_the_first_block_of_the_rollout():
    grid = history_grid(SOURCE)
    end = (SOURCE.begin + SOURCE.interval).timestamp()
    assert grid.edge(BLOCKS) == end
    assert grid.begin == SOURCE.stable_since.timestamp()


def test_history_is_at_most_a_day():
    old = replace(SOURCE, stable_since=SOURCE.begin - timedelta(days=90))
    grid = history_grid(old)
    assert grid.interval == 900
    assert grid.edge(BLOCKS) - grid.begin == 86_400


def test_a_young_stable_revision_has_few_blocks():
    young = replace(SOURCE, stable_since=SOURCE.begin - timedelta(seconds=20))
    grid = history_grid(young)
    assert grid.edge(2) == (SOURCE.begin + SOURCE.interval).timestamp()


def test_the_bound_is_the_bucket_of_the_99th_percentile():
    assert latency_bound([buckets(_0_01=500, _0_05=995, _0_1=1000)]) == 0.05
    assert latency_bound([buckets(_0_01=500, _0_05=980, _0_1=1000)]) == 0.1


def test_few_requests_tell_no_percentile():
    assert latency_bound([buckets(_0_01=50, _0_05=99)]) is None
    assert latency_bound([]) is None


def test_counts_and_dispersion_of_each_gate_are_recorded():
    pods = {"a": requests(90, 10), "b": requests(100, 0)}
    total = Increments(requests(190, 10), pods)
    found = baseline_of(SOURCE, history(total, total), ledger())
    errors = found.gates[0]
    assert found.is_compared
    assert (errors.name, errors.events, errors.trials) == ("errors", 20, 400)
    assert float(errors.dispersion) > 1
    assert float(errors.degrees) > 0


def test_a_single_pod_is_compared_with_itself_over_time():
    calm, burst = requests(100, 0), requests(80, 20)
    blocks = [Increments(counts, {"a": counts}) for counts in (calm, burst, calm, burst)]
    errors = baseline_of(SOURCE, history(*blocks), ledger()).gates[0]
    assert float(errors.dispersion) > 1


def test_a_server_that_reports_no_revision_is_not_compared_with():
    assert not baseline_of(SOURCE, [], ledger("another")).is_compared
