"""The sampler, over a Prometheus whose answers are computed from the lives of pods."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from builders.rollout_evidence import question
from builders.scrapes import Process, ScrapedPod, answer_edges, raw_samples
from perennial.cluster.cache import Key
from perennial.observing.rollout_evidence import NoEvidence, RolloutEvidence
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.grid import Grid
from perennial.prometheus.ledger import Span
from perennial.prometheus.queries import SeriesLabels

KEY = Key("ModelDeployment", "team-a", "churn")
ASKED = question(baseline=None)
SOURCE = ASKED.source
BEGIN = SOURCE.begin.timestamp()
MINUTES = 5


class Scraped:
    """A Prometheus that has scraped these pods; it may be unreachable."""

    def __init__(self, pods):
        self.pods, self.asked, self.is_reachable = pods, 0, True

    async def query_range(self, query):
        self._ask()
        grid = Grid(query.start, query.step)
        return answer_edges(self.pods, grid, 0, grid.nearest_edge(query.end))

    async def query(self, query):
        self._ask()
        seconds = float(query.expression.rsplit("[", 1)[1].removesuffix("ms]")) / 1000
        names = frozenset(one.name for one in self.pods if one.name in query.expression)
        return raw_samples(self.pods, Span(names, query.time - seconds, query.time))

    def _ask(self):
        self.asked += 1
        if not self.is_reachable:
            raise PrometheusError(ErrorKind.UNREACHABLE, "no answer")


def pod(name, revision, per_minute, failing=0, since=-3600):
    """Return a pod that is scraped every five seconds and answers so many requests a minute."""
    until = 60 * MINUTES
    every = 60 / per_minute
    times = [BEGIN + since + every * index for index in range(int((until - since) / every))]
    failed = set(times[-failing:]) if failing else set()
    answered = {
        "200": tuple(time for time in times if time not in failed),
        "500": tuple(sorted(failed)),
    }
    scrapes = {"pods": tuple(BEGIN + since + 5 * step + 1 for step in range((until - since) // 5))}
    process = Process(BEGIN + since, BEGIN + 99_999, answered)
    return ScrapedPod(name, revision, (process,), scrapes)


def pods(failing=0):
    return [
        pod("stable-a", SOURCE.stable, 30),
        pod("stable-b", SOURCE.stable, 30),
        pod("candidate", SOURCE.candidate, 60, failing, since=5),
    ]


class Sampler:
    """The sampler at a moment when all blocks have ended, and whom it has woken."""

    def __init__(self, prometheus, minutes=MINUTES):
        self.woken = asyncio.Queue()
        self.now = datetime.fromtimestamp(BEGIN + 60 * minutes, UTC)
        labels = SeriesLabels()
        self.evidence = RolloutEvidence(prometheus, labels, self.woken.put_nowait, lambda: self.now)

    async def ask(self, asked):
        """Ask, and wait for the answer."""
        self.evidence.follow(KEY, asked)
        async with asyncio.timeout(5):
            assert await self.woken.get() == KEY
        return self.evidence.latest(KEY)

    async def measured(self):
        """Return the question with the baseline that the sampler measures first."""
        answer = await self.ask(ASKED)
        return replace(ASKED, baseline=answer.baseline)


@pytest.fixture
async def sampler():
    found = Sampler(Scraped(pods()))
    yield found
    await found.evidence.close()


@pytest.fixture
async def failing():
    found = Sampler(Scraped(pods(failing=200)))
    yield found
    await found.evidence.close()


async def test_the_baseline_comes_first(sampler):
    answer = await sampler.ask(ASKED)
    assert answer.question == ASKED
    assert answer.baseline.is_compared
    errors = answer.baseline.gates[0]
    assert (errors.name, errors.events) == ("errors", 0)
    assert errors.trials == pytest.approx(3600, rel=0.02)
    assert answer.gates == ()


async def test_then_the_gates_are_judged_over_all_blocks(failing):
    asked = await failing.measured()
    answer = await failing.ask(asked)
    assert answer.question == asked
    assert answer.evaluated_at == SOURCE.begin + timedelta(minutes=MINUTES) - timedelta(seconds=15)
    errors = answer.gates[0]
    assert errors.outcome == "Failed"
    assert errors.samples == pytest.approx(60 * MINUTES, rel=0.1)


async def test_a_restart_comes_to_the_same_verdict(failing):
    asked = await failing.measured()
    first = await failing.ask(asked)
    again = Sampler(Scraped(pods(failing=200)))
    second = await again.ask(asked)
    await again.evidence.close()
    assert [gate.model_copy(update={"time_left": None}) for gate in first.gates] == [
        gate.model_copy(update={"time_left": None}) for gate in second.gates
    ]


async def test_a_new_step_is_answered_from_what_has_been_read(sampler):
    asked = await sampler.measured()
    await sampler.ask(asked)
    read = sampler.evidence._prometheus.asked
    later = replace(asked, steps=2, step_starts=(*asked.step_starts, sampler.now))
    answer = await sampler.ask(later)
    assert answer.question == later
    assert sampler.evidence._prometheus.asked == read


async def test_a_stable_server_without_series_of_its_own_is_not_compared_with():
    sampler = Sampler(Scraped([pod("candidate", SOURCE.candidate, 60, since=5)]))
    answer = await sampler.ask(ASKED)
    await sampler.evidence.close()
    assert not answer.baseline.is_compared


async def test_without_prometheus_gates_have_no_data(sampler):
    asked = await sampler.measured()
    sampler.evidence._prometheus.is_reachable = False
    answer = await sampler.ask(asked)
    assert {gate.outcome for gate in answer.gates} == {"NoData"}
    assert "no answer" in answer.gates[0].message


async def test_an_answer_stays_for_three_intervals_without_prometheus(sampler):
    asked = await sampler.measured()
    known = await sampler.ask(asked)
    sampler.evidence._prometheus.is_reachable = False
    sampler.now += timedelta(seconds=20)
    later = replace(asked, rules=asked.rules)
    sampler.evidence._followed[KEY].asked.set()
    await sampler.woken.get()
    assert sampler.evidence.latest(KEY) == known
    sampler.now += timedelta(seconds=60)
    sampler.evidence._followed[KEY].asked.set()
    await sampler.woken.get()
    assert {gate.outcome for gate in sampler.evidence.latest(KEY).gates} == {"NoData"}
    assert later == asked


async def test_who_asks_nothing_any_more_is_forgotten(sampler):
    await sampler.ask(ASKED)
    sampler.evidence.follow(KEY, None)
    assert sampler.evidence.latest(KEY) is None


async def test_another_candidate_begins_anew(sampler):
    await sampler.ask(ASKED)
    other = replace(ASKED, source=replace(SOURCE, candidate="cccccccccc"))
    sampler.evidence.follow(KEY, other)
    assert sampler.evidence.latest(KEY) is None


async def test_without_a_server_there_is_no_evidence():
    nothing = NoEvidence()
    nothing.follow(KEY, ASKED)
    assert nothing.latest(KEY) is None
    await nothing.close()
