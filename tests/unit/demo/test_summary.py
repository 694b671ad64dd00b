from dataclasses import replace

import pytest

from demo.latency import Latency
from demo.predictions import Asked
from demo.summary import Outcome, beside
from harness import witness


@pytest.fixture
def outcome():
    asked = Asked([0.25, 0.75], requests=1, failed=0, seconds=1.0)
    return Outcome(
        stages={"Model": 40.0},
        until_first_prediction=50.0,
        batches=asked,
        singly=asked,
        latency=Latency(1.0, 2.0),
        failed=0,
        auc=0.75,
        largest_difference=0.0,
        recorded={"samples": 2, "metrics": {"roc_auc": {"value": "0.75"}}},
        artifact={"tier": "Compiled", "comparedRows": 2, "largestDifference": "0"},
        statuses=witness.Testimony(),
    )


def test_a_slow_machine_breaks_no_promise(outcome):
    assert replace(outcome, until_first_prediction=3600.0).problem() is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"failed": 1}, "1 requests failed"),
        ({"auc": 0.74}, "0.750000 was recorded"),
        ({"largest_difference": 1e-6}, "served and trained answers differ"),
        ({"statuses": witness.Testimony(objections=["Ready, but nobody answers"])}, "was not true"),
    ],
)
def test_a_wrong_answer_does(outcome, change, problem):
    assert problem in replace(outcome, **change).problem()


def test_a_time_stands_beside_what_is_usual():
    assert beside(121.96, 50) == "122.0 s (usually 50 s)"
