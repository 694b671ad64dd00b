"""Reading blocks from a Prometheus whose answers are computed from the lives of pods."""

import pytest

from builders.scrapes import Process, ScrapedPod, answer_edges, raw_samples, requests
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.evidence import EDGES_AT_ONCE, PODS_AT_ONCE, Reading, read
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.ledger import Span, Window
from perennial.prometheus.queries import Scope

BEGIN = 1_000_000.0
GRID = Grid(BEGIN, 10.0)
WINDOW = Window(GRID)
SCOPE = Scope("team-a", "churn")
REVISION = "1f4c29aa03"


class Answers:
    """A Prometheus that has scraped these pods; the contract is that of the real one."""

    def __init__(self, pods, most_edges=1000, most_pods=1000):
        self._pods, self._most_edges, self._most_pods = pods, most_edges, most_pods
        self.asked = []

    async def query_range(self, query):
        first, last = GRID.nearest_edge(query.start), GRID.nearest_edge(query.end)
        self.asked.append((first, last))
        if last - first >= self._most_edges:
            raise PrometheusError(ErrorKind.TOO_MUCH, "select fewer")
        return answer_edges(self._pods, GRID, first, last)

    async def query(self, query):
        seconds = float(query.expression.rsplit("[", 1)[1].removesuffix("ms]")) / 1000
        names = frozenset(one.name for one in self._pods if one.name in query.expression)
        self.asked.append(names)
        if len(names) > self._most_pods:
            raise PrometheusError(ErrorKind.TOO_MUCH, "select fewer")
        return raw_samples(self._pods, Span(names, query.time - seconds, query.time))


def pod(name, start=-999.0, answered=(1.0, 11.0, 21.0)):
    process = Process(BEGIN + start, BEGIN + 99_999, {"200": tuple(BEGIN + at for at in answered)})
    times = tuple(BEGIN + 3 * step + 0.5 for step in range(-100, 300))
    return ScrapedPod(name, REVISION, (process,), {"pods": times})


def after(block):
    return GRID.edge(block) + SETTLE_SECONDS


async def test_nothing_is_asked_before_a_block_has_ended():
    answers = Answers([pod("churn-a")])

    assert await read(answers, SCOPE, WINDOW, None, BEGIN) == Reading(None)
    assert answers.asked == []


async def test_a_tick_costs_one_query():
    answers = Answers([pod("churn-a")])
    ledger, blocks = await read(answers, SCOPE, WINDOW, None, after(2))
    ledger, more = await read(answers, SCOPE, WINDOW, ledger, after(3))

    assert answers.asked == [(0, 2), (3, 3)]
    assert [block.index for block in (*blocks, *more)] == [1, 2, 3]
    assert requests((*blocks, *more), REVISION) == {"200": 3}


async def test_a_pod_that_starts_costs_one_more():
    answers = Answers([pod("churn-a"), pod("churn-b", start=12.0, answered=(13.0,))])
    _, blocks = await read(answers, SCOPE, WINDOW, None, after(3))

    assert answers.asked == [(0, 3), {"churn-b"}]
    assert requests(blocks, REVISION) == {"200": 4}


async def test_many_pods_that_start_are_asked_for_in_portions():
    number = PODS_AT_ONCE + 1
    pods = [pod(f"churn-{place:02}", start=2.0, answered=(5.0,)) for place in range(number)]
    answers = Answers(pods)
    _, blocks = await read(answers, SCOPE, WINDOW, None, after(1))

    assert [len(asked) for asked in answers.asked[1:]] == [PODS_AT_ONCE, 1]
    assert requests(blocks, REVISION) == {"200": number}


async def test_samples_that_are_too_much_are_asked_for_in_smaller_portions():
    pods = [pod(f"churn-{place}", start=2.0, answered=(5.0,)) for place in range(4)]
    answers = Answers(pods, most_pods=2)
    _, blocks = await read(answers, SCOPE, WINDOW, None, after(1))

    assert [len(asked) for asked in answers.asked[1:]] == [4, 2, 2]
    assert requests(blocks, REVISION) == {"200": 4}
    with pytest.raises(PrometheusError, match="select fewer"):
        await read(Answers(pods, most_pods=0), SCOPE, WINDOW, None, after(1))


async def test_a_long_rollout_is_read_in_portions():
    answers = Answers([pod("churn-a")])
    ledger, blocks = await read(answers, SCOPE, WINDOW, None, after(50))
    _, more = await read(answers, SCOPE, WINDOW, ledger, after(50))

    assert [len(blocks), len(more)] == [EDGES_AT_ONCE - 1, EDGES_AT_ONCE]


async def test_history_is_read_in_larger_portions():
    answers = Answers([pod("churn-a")])
    _, blocks = await read(answers, SCOPE, WINDOW, None, after(50), edges_at_once=100)

    assert [len(blocks), len(answers.asked)] == [50, 1]


async def test_an_answer_that_is_too_much_is_asked_for_in_smaller_portions():
    answers = Answers([pod("churn-a")], most_edges=6)
    ledger, blocks = await read(answers, SCOPE, WINDOW, None, after(20))

    assert answers.asked == [(0, 19), (0, 9), (0, 4)]
    assert ledger.block == len(blocks) == 4


async def test_a_single_edge_that_is_too_much_is_an_error():
    with pytest.raises(PrometheusError, match="select fewer"):
        await read(Answers([pod("churn-a")], most_edges=0), SCOPE, WINDOW, None, after(3))


async def test_an_empty_answer_gives_blocks_without_data():
    _, blocks = await read(Answers([]), SCOPE, WINDOW, None, after(2))

    assert [block.of(REVISION).reason for block in blocks] == ["NoSeries", "NoSeries"]
