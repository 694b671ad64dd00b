from itertools import accumulate

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.prometheus.answer import Series
from perennial.prometheus.custom import (
    CustomBlock,
    Ratio,
    begin_custom,
    close_custom,
    custom_edges,
    ratio,
)
from perennial.prometheus.grid import Grid
from perennial.prometheus.guard import ExpressionError, label_name
from perennial.prometheus.increments import Missing
from perennial.prometheus.queries import SAMPLE_TIME, custom_values

GRID = Grid(1000.0, 10.0)
LABEL = "model_version"


def counter(*values, version="churn-1", instance="shop-1"):
    """Return a series with these values at edges 0, 1...; None where it is absent."""
    labels = {"__name__": "orders_total", "job": "shop", "instance": instance, LABEL: version}
    pairs = ((GRID.edge(index), value) for index, value in enumerate(values))
    return Series(labels, tuple((time, float(value)) for time, value in pairs if value is not None))


def newest(*times, version="churn-1"):
    pairs = tuple((GRID.edge(index), float(time)) for index, time in enumerate(times))
    return Series({LABEL: version, SAMPLE_TIME: "1"}, pairs)


def blocks(*series, last):
    first, *others = custom_edges(series, LABEL, GRID, 0, last)
    ledger, found = begin_custom(first), []
    for edge in others:
        ledger, block = close_custom(GRID, LABEL, ledger, edge)
        found.append(block)
    return found


def counts(*series, last, version="churn-1"):
    return [block.counts.get(version) for block in blocks(*series, last=last)]


def test_versions_are_told_apart_and_pods_are_added_up():
    series = [
        counter(10, 12, 15),
        counter(1, 2, 4, instance="shop-2"),
        counter(0, 1, 1, version="churn-2"),
    ]

    assert counts(*series, last=2) == [3, 5]
    assert counts(*series, last=2, version="churn-2") == [1, 0]


def test_a_fall_is_a_restart():
    assert counts(counter(10, 3, 5), last=2) == [3, 2]


def test_a_new_version_of_a_known_target_counts_from_zero():
    assert counts(counter(10, 11, 12), counter(None, 4, 6, version="churn-2"), last=2) == [1, 1]
    assert counts(
        counter(10, 11, 12), counter(None, 4, 6, version="churn-2"), last=2, version="churn-2"
    ) == [4, 2]


def test_a_new_target_counts_from_its_first_sample():
    assert counts(counter(10, 11, 12), counter(None, 400, 402, instance="new"), last=2) == [1, 3]


def test_a_series_that_returns_counts_from_where_it_was():
    assert counts(counter(10, None, 15), last=2) == [None, 5]


def test_a_numerator_without_series_is_zero():
    (denominator,) = blocks(counter(10, 25), newest(999, 1009), last=1)

    assert ratio(CustomBlock(1, {}, frozenset()), denominator, "churn-1") == Ratio(0, 15)


def test_a_denominator_without_a_recent_sample_is_no_data():
    series = [counter(*[10] * 6), newest(999, 1009, 1009, 1009, 1009, 1009)]
    found = [ratio(one, one, "churn-1") for one in blocks(*series, last=5)]

    assert found[:3] == [Ratio(0, 0)] * 3
    assert [one.reason for one in found[3:]] == [Missing.STALE] * 2
    assert ratio(CustomBlock(1, {}, frozenset()), CustomBlock(1, {}, frozenset()), "v").reason is (
        Missing.NO_SERIES
    )


def test_the_query_holds_the_last_samples_and_says_how_old_they_are():
    query = custom_values('orders_total{namespace="team-a"}', LABEL, GRID, 1, 3)

    assert (query.start, query.end, query.step) == (1010.0, 1030.0, 10.0)
    assert isinstance(promql_parser.parse(query.expression), promql_parser.BinaryExpr)


@pytest.mark.parametrize("name", ["", "a-b", "a) or (up", "1a", "a\n"])
def test_what_is_no_label_name_is_refused(name):
    with pytest.raises(ExpressionError, match="versionLabel"):
        label_name("versionLabel", name)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=4))
def test_restarts_that_are_seen_lose_nothing(lives):
    """Each life of a process counts from zero and is seen at every edge."""
    seen = [0]
    for number, life in enumerate(lives):
        told = list(accumulate(life))
        is_seen_to_fall = number == 0 or told[0] < seen[-1]
        seen += told if is_seen_to_fall else [seen[-1] + one for one in told]

    assert sum(counts(counter(*seen), last=len(seen) - 1)) == sum(map(sum, lives))
