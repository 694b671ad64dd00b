"""Against a real Prometheus and a real server: its series have the labels that evidence needs."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from builders.artifact import ROW, VERSION, artifact
from doubles.scraped_pods import Pod, Scraper, wait_for
from doubles.server_process import ServerProcess, server_process
from harness.paths import ROOT
from perennial.prometheus.answer import Series
from perennial.prometheus.families import OWN_LABELS
from perennial.prometheus.queries import SeriesLabels
from perennial.prometheus.snapshots import Count, Hint, snapshots

REVISION = "3f9c1a2b4d"
PLAIN, EXPLICIT = 20, 7


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    built = artifact(folder / "model")
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
        "PERENNIAL_DEPLOYMENT": "delays",
        "PERENNIAL_REVISION": REVISION,
    }
    with server_process("serve", folder, environment) as running:
        running.until_ready()
        for _ in range(PLAIN):
            assert post(running, {}) == (200, REVISION)
        for _ in range(EXPLICIT):
            assert post(running, {"x-perennial-revision": REVISION}) == (200, REVISION)
        assert post(running, {"x-perennial-revision": "aaaaaaaaaa"}) == (421, REVISION)
        yield running


def post(server: ServerProcess, headers: dict[str, str]) -> tuple[int, str | None]:
    """Return the status, and the revision that the response names."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", "/predict", json.dumps(ROW), headers)
        response = connection.getresponse()
        response.read()
        return response.status, response.getheader("x-perennial-revision")
    finally:
        connection.close()


def scraped(scraper: Scraper, job: str) -> list[Series]:
    """Return all series of a job, once it has been scraped."""
    found = wait_for(
        lambda: scraper.value(f'{{__name__=~"perennial_.+",job="{job}"}}'), f"a scrape by {job}"
    )
    return [
        Series(one["metric"], ((float(one["value"][0]), float(one["value"][1])),)) for one in found
    ]


def named(series: list[Series], name: str) -> list[Series]:
    return [one for one in series if one.labels["__name__"] == name]


def test_the_series_of_a_server_are_those_that_evidence_is_computed_from(
    scraper: Scraper, server: ServerProcess, tmp_path: Path
):
    scraper.scrape(Pod("delays-0", REVISION, tmp_path, server.port), "team-a")
    series = scraped(scraper, "pods")
    identity = {"deployment": "delays", "revision": REVISION, "version": VERSION}
    identity |= {"namespace": "team-a", "pod": "delays-0"}
    assert [one for one in series if not identity.items() <= one.labels.items()] == []
    for name, labels in OWN_LABELS.items():
        assert named(series, name), name
        assert [one for one in named(series, name) if not set(labels) <= one.labels.keys()] == []
    (moment,) = snapshots(
        [one for one in series if one.labels["__name__"] in OWN_LABELS], SeriesLabels()
    )
    assert not moment.hints
    (counts,) = moment.lives.values()
    assert counts[Count("perennial_requests_total", ("answered", "200"))] == PLAIN
    assert sum(n for count, n in counts.items() if count.family == "perennial_class_total") == PLAIN
    explicit = named(series, "perennial_explicit_requests_total")
    assert {one.labels["outcome"]: one.samples[0][1] for one in explicit} == {
        "answered": EXPLICIT,
        "refused": 0,
        "failed": 0,
        "misdirected": 1,
    }


def test_labels_that_a_scrape_adds_rename_those_of_the_server_and_this_is_noticed(
    scraper: Scraper, server: ServerProcess, tmp_path: Path
):
    pod = Pod("delays-1", REVISION, tmp_path, server.port)
    scraper.scrape(pod, "team-a", job="again", revision="of-the-pod")
    series = scraped(scraper, "again")
    assert {one.labels["exported_revision"] for one in series} == {REVISION}
    (moment,) = snapshots(
        [one for one in series if one.labels["__name__"] in OWN_LABELS], SeriesLabels()
    )
    assert moment.hints == {Hint.RENAMED}
    assert not moment.lives
    page = (ROOT / "docs" / "scraping.md").read_text()
    check = page.split("unless labels were renamed:\n\n```\n")[1].split("\n```")[0]
    assert [one["metric"]["job"] for one in scraper.value(check)] == ["again"]
