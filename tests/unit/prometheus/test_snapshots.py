import math

import pytest

from perennial.prometheus.answer import Series
from perennial.prometheus.families import REQUESTS, SCORE_EDGE, START
from perennial.prometheus.queries import SAMPLE_TIME, SeriesLabels
from perennial.prometheus.snapshots import Count, Hint, Life, snapshots

LABELS = SeriesLabels()
OK = Count(REQUESTS, ("answered", "200"))
LIFE = Life("r1", "churn-a", 7.5)
SCRAPE = {"namespace": "team-a", "pod": "churn-a", "job": "pods"}
SERVER = {"deployment": "churn", "revision": "r1", "version": "churn-1"}
OWN = {"outcome": "answered", "code": "200"}


def series(name, value, time=10.0, **labels):
    return Series({"__name__": name, **SCRAPE, **SERVER, **labels}, ((time, value),))


def one(*found, labels=LABELS):
    (snapshot,) = snapshots(found, labels)
    return snapshot


def test_a_process_is_known_by_revision_pod_and_start():
    found = one(series(START, 7.5), series(REQUESTS, 3, **OWN))

    assert found.lives == {LIFE: {OK: 3}}
    assert found.hints == frozenset()


def test_a_pod_scraped_twice_is_one_process_with_the_greater_count():
    twice = [series(START, 7.5, job=job) for job in ("pods", "again")]
    counts = [series(REQUESTS, 3, **OWN), series(REQUESTS, 5, job="again", **OWN)]

    assert one(*twice, *counts).lives == {LIFE: {OK: 5}}


def test_two_jobs_that_see_two_processes_are_kept_apart():
    starts = [series(START, 7.5), series(START, 9.5, job="again")]
    counts = [series(REQUESTS, 3, **OWN), series(REQUESTS, 1, job="again", **OWN)]

    assert one(*starts, *counts).lives == {
        LIFE: {OK: 3},
        Life("r1", "churn-a", 9.5): {OK: 1},
    }


def test_a_version_that_prometheus_has_renamed_does_no_harm():
    renamed = {"version": "v1", "exported_version": "churn-1"}

    found = one(series(START, 7.5), series(REQUESTS, 3, **OWN, **renamed))

    assert found.lives == {LIFE: {OK: 3}}


@pytest.mark.parametrize("label", ["exported_deployment", "exported_revision", "exported_code"])
def test_renamed_labels_are_named(label):
    found = one(series(REQUESTS, 3, **OWN, **{label: "x"}))

    assert found.lives == {}
    assert found.hints == {Hint.RENAMED}


def test_series_without_a_pod_or_a_start_are_named():
    assert one(series(START, 7.5, pod="")).hints == {Hint.NO_POD}
    assert one(series(REQUESTS, 3, **OWN)).hints == {Hint.NO_START}


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_what_is_no_count_is_named_and_not_counted(value):
    found = one(series(START, 7.5), series(REQUESTS, value, **OWN))

    assert found.lives == {LIFE: {}}
    assert found.hints == {Hint.NOT_A_COUNT}


def test_the_labels_of_a_scrape_have_the_administrators_names():
    labels = SeriesLabels(pod="kubernetes_pod_name")

    found = one(series(START, 7.5, kubernetes_pod_name="churn-b"), labels=labels)

    assert list(found.lives) == [Life("r1", "churn-b", 7.5)]


def test_times_of_samples_and_ends_of_bins_come_by_revision():
    time = Series({**SCRAPE, **SERVER, SAMPLE_TIME: "1"}, ((10.0, 9.25),))
    older = Series({**SCRAPE, **SERVER, "pod": "churn-b", SAMPLE_TIME: "1"}, ((10.0, 8.25),))
    of = {"score": "prediction"}
    ends = [series(SCORE_EDGE, 0.5, bin="1", **of), series(SCORE_EDGE, math.inf, bin="2", **of)]
    ends.append(series(SCORE_EDGE, 0.7, bin="1", score="confidence"))

    found = one(series(START, 7.5), time, older, *ends)

    assert found.sampled == {"r1": 9.25}
    assert found.score_edges == {
        "r1": {
            ("prediction", "1"): 0.5,
            ("prediction", "2"): math.inf,
            ("confidence", "1"): 0.7,
        }
    }


def test_times_become_snapshots_in_their_order():
    two = Series({"__name__": START, **SCRAPE, **SERVER}, ((10.0, 7.5), (20.0, 17.5)))

    found = snapshots([two], SeriesLabels())

    assert [(each.time, [life.start for life in each.lives]) for each in found] == [
        (10.0, [7.5]),
        (20.0, [17.5]),
    ]
