"""Against a real Prometheus: the increments of each revision equal what was sent."""

import asyncio
import time
from collections import Counter

import pytest

from doubles.scraped_pods import Pod, Traffic
from perennial.prometheus.client import PrometheusClient, Server
from perennial.prometheus.evidence import read
from perennial.prometheus.families import REQUESTS
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.increments import Increments, Missing, NoData, Window
from perennial.prometheus.queries import Scope

INTERVAL = 3.0
HISTORY = 37
PER_SECOND = 40
NAMESPACE = "team-a"
SCOPE = Scope(NAMESPACE, "churn")
STABLE, CANDIDATE, BRIEF = "1f4c29aa03", "7b00d1c2ee", "c0ffee0000"
REVISIONS = (STABLE, CANDIDATE, BRIEF)


async def no_limit() -> None:
    """Let every query go out at once."""


@pytest.mark.timeout(120)
async def test_what_pods_count_while_they_come_go_and_restart_is_what_was_sent(
    scraper, pods, play, capsys
):
    story = await asyncio.to_thread(play, scraper, pods)
    client = PrometheusClient(Server(scraper.url), no_limit)
    try:
        blocks = await blocks_of(client, story.window, story.last, at_once=4)
        again = await blocks_of(client, story.window, story.last, at_once=19)
    finally:
        await client.close()

    counted = {revision: total(blocks, revision) for revision in REVISIONS}
    with capsys.disabled():
        print_beside(story, counted)
    assert counted == {revision: story.known(revision) for revision in REVISIONS}
    assert again == blocks
    assert blocks[-1].of(BRIEF).reason is Missing.STALE
    assert 0 <= story.unscraped <= story.kills * PER_SECOND  # one second of one pod for each


@pytest.fixture
def play(tmp_path):
    return lambda scraper, pods: Story(scraper, pods, tmp_path).played()


async def blocks_of(client, window, last, at_once):
    """Read all blocks, some at once, as the operator does from tick to tick."""
    ledger, blocks = None, ()
    while ledger is None or ledger.block < last:
        known = 0 if ledger is None else ledger.block
        now = window.grid.edge(min(last, known + at_once)) + SETTLE_SECONDS
        ledger, more = await read(client, SCOPE, window, ledger, now)
        blocks += more
    return blocks


def total(blocks, revision):
    """Return the requests of a revision by code, over all blocks with data."""
    counts = Counter()
    for block in blocks:
        found = block.of(revision)
        if isinstance(found, Increments):
            for count, value in found.total.items():
                if count.family == REQUESTS:
                    counts[count.labels[1]] += value
        else:
            assert isinstance(found, NoData)
    return counts


def print_beside(story, counted):
    print(f"\n{story.last} blocks of {INTERVAL:g} s; died unscraped: {story.unscraped}")
    for revision in REVISIONS:
        print(
            f"{revision}: sent {story.known(revision).total()}, "
            f"counted {counted[revision].total():g}, increase() {story.increase(revision):.1f}"
        )


class Story:
    """Pods that start, restart, are scaled away, replaced, and scraped twice, in mid-block."""

    def __init__(self, scraper, pods, folder):
        self._scraper, self._pods, self._folder = scraper, pods, folder
        self._traffic = {}
        self.kills = 0

    def played(self):
        self._before_the_rollout()
        self.window = Window(Grid(time.time(), INTERVAL))
        for name in ("stable-1", "stable-2", "candidate-1"):
            self._serve(name)
        self._a_pod_joins_and_one_lives_briefly()
        self._a_restart_passes_its_old_value_within_a_block()
        self._a_pod_is_replaced()
        self._two_restarts_in_one_block()
        self._after_the_last_request()
        return self

    def known(self, revision):
        """Return what was sent since the beginning, except what died unscraped."""
        of_it = [pod for pod in self._pods.values() if pod.revision == revision]
        history = HISTORY * len([pod for pod in of_it if pod.name in ("stable-1", "stable-2")])
        counts = sum((pod.counted() for pod in of_it), Counter())
        counts["200"] -= history
        return counts

    @property
    def unscraped(self):
        return sum(pod.unscraped for pod in self._pods.values())

    def increase(self, revision):
        """Return what PromQL's own function says of the same time."""
        selector = f'{REQUESTS}{{namespace="{NAMESPACE}",revision="{revision}"}}'
        seconds = round(self.last * INTERVAL)
        each = f"max by (pod, code) (increase({selector}[{seconds}s]))"
        found = self._scraper.value(f"sum({each})", self.window.grid.edge(self.last))
        return float(found[0]["value"][1]) if found else 0.0

    def _before_the_rollout(self):
        for name, revision in (("stable-1", STABLE), ("stable-2", STABLE)):
            self._new(name, revision).send("200", HISTORY)
        self._scraper.scrape(self._pods["stable-2"], NAMESPACE, job="again")
        self._new("candidate-1", CANDIDATE)
        for pod in self._pods.values():
            pod.is_scraped()
        self._pods["stable-2"].is_scraped()  # by each of the two
        self._pods["stable-2"].is_scraped()

    def _a_pod_joins_and_one_lives_briefly(self):
        self._in_mid_block()
        self._new("candidate-2", CANDIDATE)
        self._serve("candidate-2")
        brief = self._new("brief-1", BRIEF)
        brief.send("200", 60)
        self._kill("brief-1")
        self._scraper.forget(brief)

    def _a_restart_passes_its_old_value_within_a_block(self):
        self._in_mid_block()
        self._pods["candidate-1"].send("503", 7)  # the next process has no such series at first
        self._kill("candidate-1")
        self._pods["candidate-1"].start().send("200", 500)
        self._serve("candidate-1")
        self._pods["candidate-2"].send("503", 5)

    def _a_pod_is_replaced(self):
        self._in_mid_block()
        self._kill("stable-1")
        self._scraper.forget(self._pods["stable-1"])
        self._new("stable-3", STABLE)
        self._serve("stable-3")

    def _two_restarts_in_one_block(self):
        self._in_mid_block()
        for sent in (11, 3):
            self._kill("candidate-1")
            self._pods["candidate-1"].start().send("200", sent)
        self._serve("candidate-1")

    def _after_the_last_request(self):
        self._in_mid_block()
        for traffic in self._traffic.values():
            traffic.end()
        for name in ("stable-2", "stable-2", "stable-3", "candidate-1", "candidate-2"):
            self._pods[name].is_scraped()
        self.last = self.window.grid.closed_by(time.time() + SETTLE_SECONDS) + 1
        time.sleep(max(0, self.window.grid.edge(self.last) + SETTLE_SECONDS - time.time()))

    def _new(self, name, revision):
        pod = self._pods[name] = Pod(name, revision, self._folder).start()
        self._scraper.scrape(pod, NAMESPACE)
        return pod

    def _serve(self, name):
        self._traffic[name] = Traffic(self._pods[name], per_second=PER_SECOND)

    def _kill(self, name):
        callers = [self._traffic.pop(name)] if name in self._traffic else []
        self._pods[name].kill(self._scraper, *callers)
        self.kills += 1

    def _in_mid_block(self):
        """Wait for the next moment shortly after an edge of the grid."""
        grid = self.window.grid
        now = time.time()
        time.sleep(grid.edge(grid.closed_by(now + SETTLE_SECONDS) + 1) + 0.2 - now)
