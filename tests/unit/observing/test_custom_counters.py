"""Counters of a team: expressions that are refused, and what they counted."""

import pytest

from builders.rollout_evidence import blocks, question
from perennial.api.analysis import CustomGate
from perennial.observing.custom_counters import CustomReading, expression_problem
from perennial.planning.model_deployment.question import Versions
from perennial.prometheus.answer import Series
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.queries import SAMPLE_TIME, SeriesLabels

LABELS = SeriesLabels()
GRID = Grid(1000.0, 10.0)
GATE = {"name": "rebooked", "numerator": "rebooked_total", "denominator": "offered_total"}


def gate(**fields):
    return CustomGate.model_validate({**GATE, **fields})


def test_a_selector_of_the_own_namespace_is_fine():
    assert expression_problem([gate(), gate(numerator='a_total{shop="x"}')], "a", LABELS) is None


@pytest.mark.parametrize(
    "text", ['a_total{namespace="other"}', "rate(a_total[5m])", "a_total or b"]
)
def test_anything_else_is_refused_with_the_field(text):
    problem = expression_problem([gate(denominator=text)], "a", LABELS)
    assert problem.startswith("spec.rollout.analysis.custom[name=rebooked].denominator: ")


class Counted:
    """A Prometheus with a numerator that grows by 1 and a denominator that grows by 10."""

    async def query_range(self, query):
        step = 1 if "rebooked" in query.expression else 10
        edges = [
            GRID.nearest_edge(query.start) + i
            for i in range(GRID.nearest_edge(query.end) - GRID.nearest_edge(query.start) + 1)
        ]
        found = []
        for version in ("delays-v1", "delays-v2"):
            own = {"__name__": "x", "job": "shop", "instance": "a", "version": version}
            values = tuple((GRID.edge(edge), float(step * edge)) for edge in edges)
            times = tuple((GRID.edge(edge), GRID.edge(edge)) for edge in edges)
            found += [Series(own, values), Series({"version": version, SAMPLE_TIME: "1"}, times)]
        return tuple(found)


async def test_blocks_get_the_counts_of_both_versions():
    asked = question(custom=[GATE])
    reading = CustomReading.of(asked.source, LABELS)
    await reading.read(Counted(), GRID, GRID.edge(3) + SETTLE_SECONDS)
    block = reading.added(2, blocks(1)[0], asked.source.versions)
    counts = block.rates["rebooked"]
    assert (counts.candidate_events, counts.candidate_trials) == (1, 10)
    assert (counts.stable_events, counts.stable_trials) == (1, 10)
    assert not block.missing_of


async def test_a_version_without_samples_is_missing_in_this_gate():
    asked = question(custom=[GATE])
    reading = CustomReading.of(asked.source, LABELS)
    await reading.read(Counted(), GRID, GRID.edge(3) + SETTLE_SECONDS)
    block = reading.added(2, blocks(1)[0], Versions("delays-v3", "delays-v1"))
    assert "rebooked" in block.missing_of
