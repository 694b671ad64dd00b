"""Whatever becomes of pods and scrapes: increments equal what was counted."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.scrapes import Process, ScrapedPod, read, requests
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Increments
from perennial.prometheus.ledger import Window

BEGIN = 1_000_000.0
WINDOW = Window(Grid(BEGIN, 10.0))
STABLE, CANDIDATE = "1f4c29aa03", "7b00d1c2ee"
SPAN = 40.0
tenths = st.integers(1, 200).map(lambda number: number / 10)
answers = st.lists(
    st.tuples(st.sampled_from(["200", "404", "500"]), st.integers(0, 99)), max_size=8
)
lives = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 6.0]), tenths, answers), min_size=1, max_size=4
)
jobs = st.lists(
    st.tuples(
        tenths, st.sampled_from([2.0, 3.0, 7.0, 16.0]), st.sets(st.integers(0, 20), max_size=4)
    ),
    min_size=1,
    max_size=2,
)


def processes(start, lives_):
    """Return processes that follow each other, now and then at once."""
    for pause, seconds, answered in lives_:
        start += pause
        times = {code: [] for code, _ in answered}
        for code, percent in answered:
            times[code].append(start + seconds * percent / 100)
        yield Process(start, start + seconds, times)
        start += seconds


def scrape_times(phase, period, missed):
    steps = [step for step in range(int(60 / period)) if step not in missed]
    return tuple(BEGIN - 15 + phase + step * period for step in steps)


def generated(pods_):
    return [
        ScrapedPod(
            f"churn-{place}",
            revision,
            tuple(processes(BEGIN - 10 + start, lives_)),
            {f"job-{number}": scrape_times(*job) for number, job in enumerate(jobs_)},
        )
        for place, (revision, start, lives_, jobs_) in enumerate(pods_)
    ]


pods = st.lists(
    st.tuples(st.sampled_from([STABLE, CANDIDATE]), tenths, lives, jobs), min_size=1, max_size=3
).map(generated)


def truth(pods, revision, until):
    """Return what was counted: each life's last scrape, less what came before the grid."""
    total = Counter()
    for one in pods:
        for process_ in one.processes if one.revision == revision else ():
            times = [time for time in scraped(one, process_) if time <= until]
            if times:
                total.update(process_.counts(times[-1]))
                total.subtract(history(one, process_, times))
    return +total


def scraped(pod_, process_):
    times = {time for job in pod_.scrapes.values() for time in job}
    return sorted(time for time in times if pod_.alive(time) is process_)


def history(pod_, process_, times):
    """Return what a process had counted before the grid, as far as a scrape tells."""
    before = [time for time in times if time <= BEGIN]
    if before:
        return process_.counts(before[-1])
    earlier = [one for one in pod_.processes if one.end <= process_.start]
    follows = any(scraped(pod_, one) for one in earlier)
    return {} if follows or process_.start >= BEGIN else process_.counts(times[0])


@settings(deadline=None)
@given(pods, st.sampled_from([5.0, 10.0]))
def test_increments_equal_what_was_counted_except_what_died_unscraped(pods, interval):
    last = int(SPAN / interval)
    found = read(pods, Window(Grid(BEGIN, interval)), last)

    for revision in (STABLE, CANDIDATE):
        assert requests(found, revision) == truth(pods, revision, BEGIN + last * interval)


@settings(max_examples=30, deadline=None)
@given(pods, st.integers(0, 3))
def test_reading_in_portions_gives_the_same_blocks(pods, at_once):
    assert read(pods, WINDOW, 4, at_once) == read(pods, WINDOW, 4)


@settings(max_examples=30, deadline=None)
@given(pods)
def test_the_sum_over_pods_is_the_total(pods):
    for block in read(pods, WINDOW, 4):
        for found in block.revisions.values():
            if isinstance(found, Increments):
                total = Counter()
                for counts in found.by_pod.values():
                    total.update(counts)
                assert +total == +Counter(found.total)
