from dataclasses import replace
from datetime import timedelta

from builders.job import NOON
from builders.model import at_least, at_most, request
from builders.model_version import evaluation, judged, observed, spec
from perennial.api.model import Validation
from perennial.api.model_version import Measure, Rejection
from perennial.api.tier import Tier
from perennial.planning.model_version.plan import headline, plan

LOOSE = Validation(metrics=(at_least("0.70"),))
STRICT = Validation(metrics=(at_least("0.80"),))
MADE = spec(request())


def says(of):
    return {each.type: (each.status, each.reason) for each in plan(of).status.conditions}


def message(of, kind="Ready"):
    return next(each.message for each in plan(of).status.conditions if each.type == kind)


def announced(of):
    return [(action.type, action.reason) for action in plan(of).actions]


def test_a_version_that_passes_its_gates_may_be_served():
    passed = observed(MADE, LOOSE)
    assert says(passed) == {
        "Ready": ("True", "GatesPassed"),
        "Validated": ("True", "GatesPassed"),
    }
    assert message(passed) == "1 of 1 gates passed"
    assert announced(passed) == [("Normal", "GatesPassed")]


def test_without_gates_a_version_may_be_served():
    assert says(observed(MADE, Validation()))["Ready"] == ("True", "GatesPassed")
    assert message(observed(MADE, Validation())) == "no gates are set"


def test_a_version_that_fails_a_gate_is_stalled_with_the_numbers_and_a_remedy():
    failed = observed(MADE, STRICT)
    assert says(failed) == {
        "Ready": ("False", "GateFailed"),
        "Stalled": ("True", "GateFailed"),
        "Validated": ("False", "GateFailed"),
    }
    assert "roc_auc is 0.7412 (0.7310 to 0.7514, 10000 rows)" in message(failed)
    assert "spec.validation of Model delay" in message(failed)
    assert announced(failed) == [("Warning", "GateFailed")]


def test_advice_is_mentioned_and_hinders_nothing():
    advised = Validation(metrics=(at_least("0.70"), at_most("0.1", enforce="Advisory")))
    assert says(observed(MADE, advised))["Ready"] == ("True", "GatesPassed")
    assert message(observed(MADE, advised)).startswith("1 of 2 gates passed; advisory: brier_score")


def test_a_version_that_needs_scikit_learn_says_why():
    artifact = MADE.artifact.model_copy(
        update={"tier": Tier.ENCODED, "tier_reason": "SVC is not compiled"}
    )
    slow = observed(MADE.model_copy(update={"artifact": artifact}), LOOSE)
    assert says(slow)["Ready"] == ("True", "GatesPassed")
    assert message(slow).endswith("; served in tier Encoded, not faster: SVC is not compiled")


def test_changed_limits_judge_anew_from_the_recorded_measures():
    before = judged(MADE, LOOSE)
    assert says(observed(MADE, STRICT, before))["Ready"] == ("False", "GateFailed")
    relaxed = plan(observed(MADE, STRICT, before)).status
    assert says(observed(MADE, LOOSE, relaxed))["Ready"] == ("True", "GatesPassed")


def test_without_its_model_the_last_judgement_stands():
    known = plan(observed(MADE, LOOSE)).status
    orphan = observed(MADE, None, known)
    assert plan(orphan).status == known
    assert plan(orphan).actions == ()


def test_a_version_that_was_never_judged_waits_for_its_model():
    fresh = observed(MADE, None)
    assert says(fresh) == {
        "Ready": ("False", "ModelNotFound"),
        "Reconciling": ("True", "ModelNotFound"),
    }


def test_those_who_serve_it_are_named_in_order():
    assert plan(observed(MADE, LOOSE, serving=("b", "a"))).status.serving == ("a", "b")
    many = tuple(f"d{number:03}" for number in range(100))
    assert len(plan(observed(MADE, LOOSE, serving=many)).status.serving) == 64


def test_the_headline_is_the_models_own_measure():
    assert headline(evaluation()) == "roc_auc 0.741"
    large = Measure(value="12345.6789", low="1", high="2")
    rmse = {"root_mean_squared_error": large}
    assert headline(evaluation("root_mean_squared_error", **rmse)) == (
        "root_mean_squared_error 12345.679"
    )
    assert headline(evaluation("f1")) is None


def test_a_settled_version_is_left_alone():
    settled = plan(observed(MADE, LOOSE, serving=("a",))).status
    again = plan(observed(MADE, LOOSE, settled, serving=("a",)))
    assert (again.status, again.actions) == (settled, ())


def test_every_status_speaks_of_the_generation_it_was_made_for():
    assert plan(replace(observed(MADE, LOOSE), generation=2)).status.observed_generation == 2


def test_a_rejection_outlives_the_deployment_that_recorded_it():
    found = Rejection(
        deployment="delays", revision="a" * 10, at=NOON, reason="GateFailed", message="errors"
    )
    recorded = plan(observed(MADE, rejections=(found,))).status
    assert plan(observed(MADE, status=recorded)).status.rejections == (found,)


def test_a_decision_lifts_a_rejection_that_is_older():
    found = Rejection(
        deployment="delays", revision="a" * 10, at=NOON, reason="GateFailed", message="errors"
    )
    lifted = {("delays", "a" * 10): NOON + timedelta(minutes=1)}
    assert plan(observed(MADE, rejections=(found,), lifted=lifted)).status.rejections == ()
    later = found.model_copy(update={"at": NOON + timedelta(hours=1)})
    assert plan(observed(MADE, rejections=(later,), lifted=lifted)).status.rejections == (later,)
