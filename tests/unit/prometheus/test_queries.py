import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.prometheus.families import COUNTERS, REQUESTS, START
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.queries import (
    Scope,
    SeriesLabels,
    edge_values,
    quoted,
    samples,
    selector,
)

GRID = Grid(1000.0, 15.0)
SCOPE = Scope("team-a", "churn")


def vector_selectors(expression):
    """Return all vector selectors of an expression."""
    found = []

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        for child in ("lhs", "rhs", "expr", "vector_selector"):
            if getattr(node, child, None) is not None:
                visit(getattr(node, child))
        for argument in getattr(node, "args", None) or ():
            visit(argument)

    visit(promql_parser.parse(expression))
    return found


def matchers(node):
    return [(one.name, str(one.op), one.value) for one in node.matchers.matchers]


def test_one_query_asks_for_all_families_at_each_edge():
    query = edge_values(SCOPE, GRID, 2, 4)

    assert (query.start, query.end, query.step) == (1030.0, 1060.0, 15.0)
    assert query.expression.startswith("last_over_time({__name__=~")
    assert all(family in query.expression for family in (*COUNTERS, START))
    assert "[300000ms]" in query.expression


def test_families_can_be_chosen_and_start_times_come_with_them():
    expression = edge_values(SCOPE._replace(families=(REQUESTS,)), GRID, 0, 1).expression

    assert f'__name__=~"{START}|{REQUESTS}"' in expression


def test_an_interval_longer_than_five_minutes_is_looked_back_as_a_whole():
    assert "[600000ms]" in edge_values(SCOPE, Grid(0.0, 600.0), 0, 1).expression


def test_every_selector_is_pinned():
    wanted = [("namespace", "MatchOp.Equal", "team-a")]
    found = vector_selectors(edge_values(SCOPE, GRID, 0, 1).expression)
    found += vector_selectors(samples(SCOPE, ["churn-a"], 1000, 1015).expression)

    assert len(found) == 4
    for node in found:
        assert [one for one in matchers(node) if one[0] == "namespace"] == wanted
        names = {name for name, operator, value in matchers(node) if value == "churn"}
        assert names in ({"deployment"}, {"exported_deployment"})


def test_raw_samples_are_of_these_pods_and_this_time():
    query = samples(SCOPE, ["churn-b", "churn.a"], 1000.0, 1015.5)

    assert query.time == 1015.5
    assert query.expression.endswith("[15500ms]")
    assert 'pod=~"churn-b|churn\\\\.a"' in query.expression


def test_labels_are_named_as_the_administrator_says():
    scope = Scope("team-a", "churn", SeriesLabels("kubernetes_namespace", "kubernetes_pod_name"))

    expression = samples(scope, ["churn-a"], 0, 1).expression

    assert 'kubernetes_namespace="team-a"' in expression
    assert 'kubernetes_pod_name=~"churn-a"' in expression


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_value_is_quoted_as_one_literal(value):
    assert promql_parser.parse(quoted(value)).val == value


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_name_leaves_its_selector(name):
    scope = Scope(name, name)
    for node in vector_selectors(edge_values(scope, GRID, 0, 1).expression):
        assert ("namespace", "MatchOp.Equal", name) in matchers(node)


@pytest.mark.parametrize(("now", "closed"), [(1004.9, -1), (1005, 0), (1019.9, 0), (1020, 1)])
def test_a_block_is_read_five_seconds_after_its_end(now, closed):
    assert GRID.closed_by(now) == closed


def test_an_edge_is_found_again_by_its_time():
    grid = Grid(1700000000.1234, 5.0)

    edges = [grid.edge(index) for index in range(1000)]

    assert [grid.nearest_edge(edge) for edge in edges] == list(range(1000))
    assert [grid.closed_by(edge + SETTLE_SECONDS) for edge in edges] == list(range(1000))


def test_a_selector_needs_no_matchers():
    assert selector("up", ()) == "up{}"
