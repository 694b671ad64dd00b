from dataclasses import replace

import pytest

from demo.slipped_story import Story, Times
from harness import witness

EVALUATION = {"metrics": {"roc_auc": {"value": "0.64"}}}
REJECTED = {"reason": "GateFailed", "message": "at 20 % of the traffic: gate predictions: PSI 2.4"}


@pytest.fixture
def told():
    return Story(
        times=Times(18, 24, 39, 40, 41),
        before=EVALUATION,
        recorded=EVALUATION,
        auc=0.53,
        called_late=0.4,
        called_late_before=0.1,
        rejected=REJECTED,
        known_bad="revision 0a1b2c3d4e was rejected",
        requests=1000,
        answered_by_it=100,
        failures=(),
        largest_difference=0.0,
        came_back=False,
    )


def test_a_slow_machine_breaks_no_promise(told):
    assert replace(told, times=Times(600, 700, 3000, 3001, 3002)).problem() is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"failures": ("ReadTimeout: ",)}, "1 requests of users failed"),
        ({"largest_difference": 1e-6}, "an answer to a user and the pipeline differ"),
        ({"rejected": {**REJECTED, "reason": "ServerCrashing"}}, "for another reason"),
        ({"rejected": {**REJECTED, "message": "gate errors"}}, "for another reason"),
        ({"came_back": True}, "came back"),
        ({"known_bad": ""}, "no condition says"),
        ({"gaps": ("the watch ended",)}, "the watch ended"),
        ({"statuses": witness.Testimony(objections=["Ready, but nobody answers"])}, "was not true"),
    ],
)
def test_a_promise_that_was_not_kept_fails_the_demo(told, change, problem):
    assert problem in replace(told, **change).problem()
