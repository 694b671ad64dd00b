"""Against a real Prometheus with series of two tenants."""

import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings

from builders.expressions import ATTACKS, expressions
from doubles.scraped_pods import Pod
from perennial.prometheus.client import PrometheusClient, Server
from perennial.prometheus.custom import CustomCounter, Ratio, ratio
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.evidence import read, read_custom
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.guard import ExpressionError, pinned
from perennial.prometheus.increments import Missing
from perennial.prometheus.ledger import Window
from perennial.prometheus.queries import InstantQuery, Scope, SeriesLabels
from perennial.prometheus.snapshots import Hint

REVISION = "1f4c29aa03"
RENAMED = {"deployment": "churn", "revision": "a-pod-label"}


@pytest.fixture(scope="module")
def scraped(scraper, tmp_path_factory):
    """Two tenants with equal series, and one whose Prometheus renames the server's labels."""
    folder = tmp_path_factory.mktemp("tenants")
    pods = [Pod(f"churn-{letter}", REVISION, folder).start() for letter in "abc"]
    for pod, more in zip(pods, ({}, {}, RENAMED), strict=True):
        scraper.scrape(pod, f"team-{pod.name[-1]}", **more)
        pod.send("200", 3)
    for pod in pods:
        pod.is_scraped()
        pod.is_scraped()
    scraper.pods = pods
    yield scraper
    for pod in pods:
        pod.stop()


async def no_limit() -> None:
    """Let every query go out at once."""


def ask(scraper, expression):
    async def once():
        client = PrometheusClient(Server(scraper.url), no_limit)
        try:
            return await client.query(InstantQuery(expression, time.time()))
        finally:
            await client.close()

    return asyncio.run(once())


def foreign(scraper, expression):
    """Return the series of others that an expression finds, and how many it finds at all."""
    try:
        found = ask(scraper, pinned("numerator", expression, "team-a", SeriesLabels()))
    except ExpressionError:
        return [], 0
    except PrometheusError as error:
        if error.kind is not ErrorKind.REFUSED:  # such as a pattern that RE2 does not know
            raise
        return [], 0
    return [one.labels for one in found if one.labels.get("namespace") != "team-a"], len(found)


def test_a_fair_expression_finds_the_own_series(scraped):
    assert foreign(scraped, "up") == ([], 1)
    assert foreign(scraped, 'perennial_requests_total{code=~"2.."}') == ([], 1)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_finds_series_of_others(scraped, attack):
    assert foreign(scraped, attack)[0] == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions)
def test_no_expression_finds_series_of_others(scraped, expression):
    assert foreign(scraped, expression)[0] == []


def test_an_expression_that_is_not_promql_is_refused_by_the_server(scraped):
    with pytest.raises(PrometheusError, match="parse error") as refused:
        ask(scraped, "sum(")

    assert refused.value.kind is ErrorKind.REFUSED


async def test_labels_that_prometheus_has_renamed_are_named(scraped):
    window = Window(Grid(time.time() - 8, 1.0))
    client = PrometheusClient(Server(scraped.url), no_limit)
    try:
        now = window.grid.edge(2) + SETTLE_SECONDS
        (_, blocks) = await read(client, Scope("team-c", "churn"), window, None, now)
        (_, others) = await read(client, Scope("team-d", "churn"), window, None, now)
    finally:
        await client.close()

    assert blocks[-1].of(REVISION).reason is Missing.UNUSABLE
    assert str(Hint.RENAMED) in blocks[-1].of(REVISION).message
    assert others[-1].of(REVISION).reason is Missing.NO_SERIES


async def test_a_tenants_counter_is_counted_by_block(scraped):
    selector = pinned("numerator", "perennial_requests_total", "team-a", SeriesLabels())
    counter, grid = CustomCounter(selector, "revision"), Grid(time.time(), 2.0)
    (pod,) = [one for one in scraped.pods if one.name == "churn-a"]
    await asyncio.to_thread(pod.send, "200", 25)
    await asyncio.sleep(grid.edge(2) + SETTLE_SECONDS - time.time())
    client = PrometheusClient(Server(scraped.url), no_limit)
    try:
        _, blocks = await read_custom(client, counter, grid, None, time.time())
    finally:
        await client.close()

    assert sum(block.counts[REVISION] for block in blocks) == 25
    assert ratio(blocks[-1], blocks[-1], REVISION) == Ratio(*[blocks[-1].counts[REVISION]] * 2)
