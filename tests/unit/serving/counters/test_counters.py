import asyncio
import os
import signal
import time
from collections.abc import Callable

import numpy as np
import pytest

from builders.counting import (
    NOW,
    Counted,
    answers_for,
    batch_of,
    batch_of_frame,
    counted,
    frame,
    part,
    some_rows,
)
from fuzz.sudden_end import STARTED, end_at_instruction, in_a_process, outlived
from perennial.artifacts.answers import Answers
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.shared_memory import Word


@pytest.mark.parametrize("size", [1, 32, 3000])
def test_bins_are_those_that_numpy_counts(size: int):
    here = counted()
    rows = frame(here.layout.schema, 3000, 5)
    batch = batch_of_frame(here.layout.schema, rows)
    answers = answers_for(here.layout.schema, 3000, 5)
    for start in range(0, 3000, size):
        here.counters.rows(*part(batch, answers, start, start + size), NOW)
    here.counters.flush()
    values = here.values()
    for one in here.layout.profile.numbers:
        column = rows[one.name].to_numpy()
        within = np.histogram(column, [np.nextafter(edge, np.inf) for edge in one.edges])[0]
        expected = {str(number + 1): count for number, count in enumerate(within)}
        expected["below"] = (column <= one.edges[0]).sum()
        expected["above"] = (column > one.edges[-1]).sum()
        expected["missing"] = np.isnan(column).sum()
        assert bins(values, one.name) == expected
    counts = rows["carrier"].value_counts()
    kept = here.layout.profile.categories[0].kept
    found = bins(values, "carrier")
    assert [found[str(n + 1)] for n in range(32)] == [counts.get(value, 0) for value in kept]
    assert found["other"] == counts.sum() - sum(counts.get(value, 0) for value in kept)
    assert found["missing"] == rows["carrier"].isna().sum()


def bins(values: dict[str, float], feature: str) -> dict[str, float]:
    start = f'perennial_feature_bin_total{{feature="{feature}",bin="'
    return {
        name.removeprefix(start).removesuffix('"}'): value
        for name, value in values.items()
        if name.startswith(start)
    }


@pytest.mark.parametrize("size", [1, 32, 2000])
@pytest.mark.parametrize("classes", ["two", "three", "none"])
def test_answers_are_counted_by_class_prediction_and_confidence(classes: str, size: int):
    here = counted(classes)
    batch, answers = some_rows(here.layout, 2000)
    for start in range(0, 2000, size):
        here.counters.rows(*part(batch, answers, start, start + size), NOW)
    here.counters.flush()
    values = here.values()
    profile, given = here.layout.profile, answers.probabilities
    if given is not None:
        assert binned(values, "confidence") == counts_of(profile.confidence.edges, given.max(1))
        positions = np.bincount(given.argmax(1))
        names = [name for name in values if name.startswith("perennial_class_total")]
        assert [values[name] for name in names] == positions.tolist()
    if profile.prediction is not None:
        said = answers.predictions if given is None else given[:, 1]
        assert binned(values, "prediction") == counts_of(profile.prediction.edges, said)


def binned(values: dict[str, float], what: str) -> list[float]:
    return [n for name, n in values.items() if name.startswith(f"perennial_{what}_bin_total")]


def counts_of(edges: tuple[float, ...], numbers) -> list[int]:
    bounds = [-np.inf, *(np.nextafter(edge, np.inf) for edge in edges), np.inf]
    return np.histogram(numbers, bounds)[0].tolist()


def test_a_classifier_without_probabilities_is_counted_by_class_alone():
    here = counted("two", probabilities=False)
    batch, _ = some_rows(here.layout, 2)
    scores = here.counters.rows(batch, Answers([True, False], None), NOW)
    here.counters.flush()
    assert (scores.classes.tolist(), scores.bins.tolist()) == ([1, 0], [0, 0])
    assert here.values()['perennial_class_total{class="true"}'] == 1


def test_sums_give_mean_and_standard_deviation():
    here = counted()
    rows = frame(here.layout.schema, 3000, 5)
    for start in range(0, 3000, 100):
        batch = batch_of_frame(here.layout.schema, rows[start : start + 100])
        here.counters.rows(batch, answers_for(here.layout.schema, 100), NOW)
    here.counters.flush()
    values, profile = here.values(), here.layout.profile.numbers[0]
    known = rows["delay"].dropna().to_numpy()
    above, below = (
        values[f'perennial_feature_deviation_total{{feature="delay",side="{side}"}}']
        for side in ("above", "below")
    )
    square = values['perennial_feature_square_total{feature="delay"}']
    shift = (above - below) / len(known)
    assert profile.mean + shift == pytest.approx(known.mean(), rel=1e-12)
    assert square / len(known) - shift**2 == pytest.approx(known.var(), rel=1e-12)


def test_an_absurd_number_does_not_drown_the_others():
    here = counted()
    row = {"delay": 1e308, "distance": 100.0, "origin": "EWR"}
    here.counters.rows(batch_of(here.layout.schema, [row]), answers_for(here.layout.schema, 1), NOW)
    here.counters.flush()
    square = here.values()['perennial_feature_square_total{feature="delay"}']
    assert square == (1e6 * here.layout.profile.numbers[0].spread) ** 2


def test_what_the_contract_would_not_let_through_is_counted():
    here = counted()
    schema = here.layout.schema
    rows = [
        {"delay": 100.0, "distance": 1, "origin": "EWR"},
        {"delay": 100.5, "distance": 1, "origin": "LGA"},  # seen in training, but not listed
        {"delay": None, "distance": 1, "origin": "SWF"},  # listed, but never seen in training
        {"delay": 1.0, "distance": 1, "origin": "XXX"},
    ]
    here.counters.rows(batch_of(schema, rows), answers_for(schema, 4), NOW)
    here.counters.flush()
    values = here.values()
    broken = {
        name: values[f'perennial_feature_out_of_contract_total{{feature="{name}"}}']
        for name in here.layout.inputs
    }
    assert broken == {"delay": 1, "distance": 0, "carrier": 0, "origin": 2}
    assert bins(values, "origin")["unseen"] == 2


def test_time_columns_are_compared_with_the_clock():
    here = counted()
    batch, answers = some_rows(here.layout, 4)
    here.counters.rows(batch, answers, NOW, [NOW - 30, NOW + 3700, None, NOW - 7100])
    here.counters.flush()
    values = here.values()
    found = {
        name: values[f'perennial_time_delay_bin_total{{bin="{name}"}}']
        for name in ("60", "-3600", "missing", "7200")
    }
    assert set(found.values()) == {1}
    assert values['perennial_time_delay_seconds_total{side="ahead"}'] == 3700
    assert values['perennial_time_delay_seconds_total{side="behind"}'] == 7130


def test_one_absurd_time_does_not_drown_the_others():
    here = counted()
    here.counters.rows(*some_rows(here.layout, 2), NOW, [-6e10, NOW - 30])
    here.counters.flush()
    assert here.values()['perennial_time_delay_seconds_total{side="behind"}'] == 1e9 + 30


def test_a_feed_without_its_time_column_shows():
    here = counted()
    here.counters.rows(*some_rows(here.layout, 3), NOW)
    here.counters.flush()
    assert here.values()['perennial_time_delay_bin_total{bin="missing"}'] == 3


def test_repeated_rows_are_noticed_at_once_and_later():
    here = counted(records=100)
    batch, answers = some_rows(here.layout, 500)
    distinct = len({tuple(row) for row in np.hstack([batch.numbers, batch.codes]).astype("U")})
    here.counters.rows(batch, answers, NOW)
    assert here.values()["perennial_repeated_rows_total"] == 500 - distinct
    here.counters.rows(*part(batch, answers, 0, 20), NOW)
    here.counters.flush()
    assert here.values()["perennial_repeated_rows_total"] == 520 - distinct


def test_requests_are_counted_by_outcome_code_rows_and_time():
    here = counted()
    here.counters.request(200, 3, 0.004)
    here.counters.request(422, 2, 0.001)
    here.counters.request(499, 0, 0.001)
    here.counters.flush()
    values = here.values()
    assert values['perennial_requests_total{outcome="answered",code="200"}'] == 1
    assert values['perennial_requests_total{outcome="refused",code="422"}'] == 1
    assert values['perennial_requests_total{outcome="refused",code="other"}'] == 1
    assert values['perennial_rows_total{outcome="answered"}'] == 3
    assert values['perennial_rows_total{outcome="refused"}'] == 2
    assert values['perennial_request_seconds_bucket{le="0.003"}'] == 0
    assert values['perennial_request_seconds_bucket{le="0.005"}'] == 1
    assert values["perennial_request_seconds_count"] == 1


def test_more_requests_at_once_than_the_ring_takes_are_all_counted():
    here = counted(records=8)
    here.counters.request(200, 1, 0.5)
    here.counters.requests([(200, 1, 0.5)] * 20 + [(503, 0, 0.5)])
    here.counters.requests([])
    here.counters.flush()
    values = here.values()
    assert values['perennial_requests_total{outcome="answered",code="200"}'] == 21
    assert values['perennial_requests_total{outcome="failed",code="503"}'] == 1
    assert values['perennial_rows_total{outcome="answered"}'] == 21


def test_a_model_of_texts_alone_is_counted():
    here = counted()
    only = here.layout.schema.model_copy(update={"inputs": here.layout.schema.texts})
    profile = here.layout.profile.model_copy(update={"numbers": ()})
    layout = type(here.layout).of(only, profile)
    counters = Counters(layout, here.shared, 0)
    counters.rows(batch_of(only, [{"carrier": "C01", "origin": "JFK"}]), answers_for(only, 1), NOW)
    counters.flush()
    assert bins(Counted(layout, here.shared, counters).values(), "origin")["unseen"] == 0


async def test_what_is_recorded_is_counted_within_a_moment():
    here = counted()
    here.counters.rows(*some_rows(here.layout, 1), NOW)
    assert here.counters.has_pending
    task = asyncio.create_task(here.counters.flush_regularly())
    await asyncio.sleep(0.3)
    task.cancel()
    assert not here.counters.has_pending


def test_a_worker_may_end_at_any_instruction():
    outlived(lambda attempt: end_at_instruction(1 + attempt * 137 % 2600), attempts=12)


def test_workers_count_side_by_side_and_one_is_replaced():
    here = counted(workers=4)
    batch, answers = some_rows(here.layout, 2000)

    def worker(number: int) -> Callable[[int], None]:
        def run(write: int) -> None:
            counters = Counters(here.layout, here.shared, number)
            already = here.shared.memories[number].words[Word.ROWS]
            for row in range(number * 500 + already, number * 500 + 500):
                counters.rows(*part(batch, answers, row, row + 1), NOW)
                if number == 2 and already == 0 and row == 1300:
                    os.kill(os.getpid(), signal.SIGKILL)
            counters.flush()

        return run

    for number in (0, 1, 2, 2, 3):
        in_a_process(worker(number))
    alone = counted()
    alone.counters.rows(batch, answers, NOW)
    alike = {STARTED: 0, "perennial_repeated_rows_total": 0}
    assert here.values() | alike == alone.values() | alike


def test_a_scrape_reads_whole_commits_while_a_worker_goes_on():
    here = counted(workers=1)
    batch, answers = some_rows(here.layout, 600)

    def worker(_write: int) -> None:
        counters = Counters(here.layout, here.shared, 0, records=100)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            counters.rows(batch, answers, NOW)

    if (child := os.fork()) == 0:
        try:
            worker(0)
        finally:
            os._exit(0)
    seen = 0.0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        values = here.values()
        rows = sum(n for name, n in values.items() if name.startswith("perennial_class_total"))
        assert rows % 600 == 0
        assert sum(bins(values, "delay").values()) == rows >= seen
        seen = rows
    assert seen > 0
