from builders.scrapes import Process, ScrapedPod, read, requests
from perennial.prometheus.families import LATENCY, REQUESTS
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import (
    Block,
    Columns,
    Increments,
    Missing,
    NoData,
    close,
    columns,
)
from perennial.prometheus.ledger import Window, begin, needed_samples
from perennial.prometheus.snapshots import Count, Hint, Life, Snapshot

BEGIN = 1_000_000.0
GRID = Grid(BEGIN, 10.0)
WINDOW = Window(GRID)
OK = Count(REQUESTS, ("answered", "200"))
STABLE, CANDIDATE = "1f4c29aa03", "7b00d1c2ee"


def every(seconds, since, until):
    """Return the times of scrapes relative to the beginning."""
    return tuple(
        BEGIN + since + step * seconds for step in range(int((until - since) / seconds) + 1)
    )


def process(start, end, *times, code="200"):
    return Process(BEGIN + start, BEGIN + end, {code: tuple(BEGIN + time for time in times)})


def pod(*processes, name="churn-a", revision=STABLE, scrapes=None):
    return ScrapedPod(name, revision, processes, scrapes or {"pods": every(2, -9, 60)})


def by_block(blocks, revision=STABLE):
    return [
        found.total.get(OK, 0) if isinstance(found := block.of(revision), Increments) else None
        for block in blocks
    ]


def test_history_before_the_grid_does_not_count():
    found = read([pod(process(-500, 99, -400, -300, 3, 12))], WINDOW, 3)

    assert by_block(found) == [1, 1, 0]


def test_a_process_that_starts_inside_counts_from_zero():
    found = read([pod(process(12, 99, 12.1, 12.2, 13, 25))], WINDOW, 3)

    assert by_block(found) == [None, 3, 1]


def test_a_pod_that_was_never_scraped_before_counts_from_its_first_sample():
    late = pod(process(-500, 99, -400, -300, 3, 25), scrapes={"pods": every(2, 11, 60)})

    assert by_block(read([late], WINDOW, 3)) == [None, 0, 1]


def test_a_candidate_counts_from_zero_since_its_rollout_was_created():
    window = Window(GRID, from_zero={CANDIDATE: BEGIN - 20})
    late = pod(process(-5, 99, 1, 2, 25), revision=CANDIDATE, scrapes={"pods": every(2, 3, 60)})

    assert by_block(read([late], window, 3), CANDIDATE) == [2, 0, 1]
    assert by_block(read([late], WINDOW, 3), CANDIDATE) == [0, 0, 1]


def test_a_restart_is_seen_although_the_counter_passes_its_old_value():
    before = process(-50, 4, -40, 1)
    after = process(5, 99, *(6 + step / 10 for step in range(20)))

    assert by_block(read([pod(before, after)], WINDOW, 1)) == [21]


def test_a_process_that_lives_and_dies_inside_a_block_counts():
    processes = process(-50, 2, 1), process(2.5, 5.5, 3, 4), process(6, 99, 7)
    often = {"pods": every(0.5, -9, 60)}

    assert by_block(read([pod(*processes, scrapes=often)], WINDOW, 2)) == [4, 0]


def test_a_pod_that_is_gone_keeps_what_its_last_scrape_saw():
    scaled_away = pod(process(-50, 7.5, 1, 5, 7.4))

    assert by_block(read([scaled_away], WINDOW, 2)) == [2, 0]


def test_a_pod_that_is_replaced_in_mid_block_loses_nothing():
    gone = pod(process(-50, 5.5, 1, 4), name="churn-a")
    new = pod(process(5, 99, 6, 7, 8), name="churn-b")

    assert by_block(read([gone, new], WINDOW, 1)) == [5]


def test_a_pod_that_is_scraped_twice_counts_once():
    twice = {"pods": every(2, -9, 60), "again": every(3, -8, 60)}

    assert by_block(read([pod(process(-50, 99, 1, 2, 11), scrapes=twice)], WINDOW, 2)) == [2, 1]


def test_a_job_that_has_not_seen_the_restart_does_not_hide_it():
    slow = {"pods": every(1, -9, 60), "again": every(25, -9, 60)}
    restarted = pod(process(-50, 5.5, 1, 2, 3), process(6, 99, 7), scrapes=slow)

    assert by_block(read([restarted], WINDOW, 3)) == [4, 0, 0]


def test_a_series_that_begins_late_in_a_life_counts_from_zero():
    ordinary = Process(BEGIN - 50, BEGIN + 99, {"200": (BEGIN - 9,), "500": (BEGIN + 3, BEGIN + 4)})

    assert requests(read([pod(ordinary)], WINDOW, 1), STABLE) == {"500": 2}


def test_a_gap_in_the_scrapes_ends_with_everything_in_one_block():
    gap = {"pods": (*every(2, -9, 3), *every(2, 401, 440))}
    found = by_block(read([pod(process(-50, 999, 1, 100, 200, 300), scrapes=gap)], WINDOW, 42))

    assert found[0] == 1
    assert found[5:40] == [None] * 35
    assert found[40:] == [3, 0]


def test_a_few_blocks_without_a_sample_count_as_silence_then_there_is_no_data():
    silent = pod(process(-50, 999, 1), scrapes={"pods": every(2, -9, 9)})
    found = [block.of(STABLE) for block in read([silent], WINDOW, 5)]

    assert [isinstance(one, NoData) for one in found] == [False, False, False, True, True]
    assert found[-1] == NoData(Missing.STALE, f"no sample of revision {STABLE} for 3 intervals")


def test_one_failed_scrape_is_not_yet_silence():
    restarted = pod(process(-50, 8, 1), process(13, 99, 14))

    assert by_block(read([restarted], WINDOW, 2)) == [1, 1]


def test_what_was_sampled_in_a_block_counts_although_the_pod_is_gone_at_its_end():
    rare = {"pods": (*every(2, -9, 3), *every(2, 54, 60))}
    gone = pod(process(-50, 55, 1, 30, 52), scrapes=rare)

    assert by_block(read([gone], WINDOW, 6)) == [1, 0, 0, None, None, 2]


def test_a_clock_that_is_set_back_does_not_hide_a_restart():
    first, second = Life(STABLE, "churn-a", BEGIN - 999), Life(STABLE, "churn-a", BEGIN - 2000)
    ledger = begin(WINDOW, Snapshot(BEGIN, {first: {OK: 7}}))
    edge = Snapshot(BEGIN + 10, {second: {OK: 3}})

    _, block = close(WINDOW, ledger, edge, [edge])

    assert block.of(STABLE).total == {OK: 3}


def test_a_revision_without_series_says_what_to_look_for():
    (found,) = read([pod(process(-50, 99))], WINDOW, 1)

    assert found.of(CANDIDATE).reason is Missing.NO_SERIES
    assert "scraped" in found.of(CANDIDATE).message


def test_unusable_series_are_named_where_there_is_no_data():
    block = Block(1, BEGIN, {STABLE: Increments({}, {})}, frozenset({Hint.RENAMED}))

    assert isinstance(block.of(STABLE), Increments)
    assert block.of(CANDIDATE) == NoData(Missing.UNUSABLE, str(Hint.RENAMED))


def test_latency_leaves_out_processes_that_are_not_warm():
    bucket, life = Count(LATENCY, ("0.1",)), Life(STABLE, "churn-a", BEGIN + 1)
    ledger, found = begin(WINDOW, Snapshot(BEGIN)), []
    for index in range(1, 6):
        edge = Snapshot(GRID.edge(index), {life: {bucket: index, OK: index}}, {STABLE: BEGIN + 50})
        ledger, block = close(WINDOW, ledger, edge, [edge])
        found.append(block.of(STABLE).total)

    assert [one.get(OK) for one in found] == [1, 1, 1, 1, 1]
    assert [one.get(bucket) for one in found] == [None, None, None, None, 1]


def test_requests_are_told_by_pod_as_well():
    found = read([pod(process(-9, 99, 1, 2)), pod(process(-9, 99, 3), name="churn-b")], WINDOW, 1)

    assert found[0].of(STABLE).by_pod == {"churn-a": {OK: 2}, "churn-b": {OK: 1}}


def test_a_family_becomes_an_array_for_each_of_its_series():
    restarted = pod(process(-9, 12, 1, 2, 11), process(52, 99, 53))

    assert columns(read([restarted], WINDOW, 6), STABLE, REQUESTS) == Columns(
        (True, True, True, False, False, True), {OK.labels: (2, 1, 0, 0, 0, 1)}
    )


def test_only_pods_with_new_processes_need_their_raw_samples():
    old, new = Life(STABLE, "churn-a", BEGIN - 999), Life(STABLE, "churn-b", BEGIN + 5)
    ledger = begin(WINDOW, Snapshot(BEGIN, {old: {}}))

    known = needed_samples(GRID, ledger, Snapshot(BEGIN + 10, {old: {}}))
    begun = needed_samples(GRID, ledger, Snapshot(BEGIN + 10, {old: {}, new: {}}))
    assert known.pods == frozenset()
    assert begun == ({"churn-b"}, BEGIN, BEGIN + 10)


def test_a_restarted_pod_needs_them_for_as_long_as_prometheus_looks_back():
    first, second = Life(STABLE, "churn-a", BEGIN - 999), Life(STABLE, "churn-a", BEGIN + 5)
    ledger, needed = begin(WINDOW, Snapshot(BEGIN, {first: {}})), []
    for index in range(1, 40):
        edge = Snapshot(GRID.edge(index), {second: {}})
        needed.append(bool(needed_samples(GRID, ledger, edge).pods))
        ledger, _ = close(WINDOW, ledger, edge, [edge])

    assert needed == [True] * 30 + [False] * 9


def test_what_a_new_process_has_not_told_yet_is_not_its_predecessors():
    first = process(-99, 3, -90, -80, 1, code="500")
    second = process(3.5, 99, 21, code="500")

    assert requests(read([pod(first, second)], WINDOW, 4), STABLE) == {"500": 2}


def test_a_restart_before_the_grid_does_not_raise_what_later_counts_are_compared_with():
    first, second = process(-99, -5, -90, -80, -70), process(-4, 99, 1, 2)

    assert by_block(read([pod(first, second)], WINDOW, 1)) == [2]
