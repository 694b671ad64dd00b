"""The rules that a rollout begins with."""

import pytest

from builders.model_deployment import version
from perennial.api.analysis import Analysis
from perennial.planning.model_deployment.analysis import rules_for

FIRST, SECOND = version(1), version(2)
SAME_ARTIFACT = version(2, stored=FIRST.artifact)


def of_another_snapshot(of):
    dataset = of.spec.inputs.dataset.model_copy(update={"digest": "sha256:" + "f" * 64})
    inputs = of.spec.inputs.model_copy(update={"dataset": dataset})
    return type(of)(of.name, of.uid, of.spec.model_copy(update={"inputs": inputs}), of.status)


def predictions(stable, candidate, **stated):
    rules = Analysis.model_validate({"predictions": stated})
    found = rules_for(rules, stable, candidate).predictions
    return found.max_shift, found.on_failed


@pytest.mark.parametrize(
    ("candidate", "rule"),
    [
        (SAME_ARTIFACT, ("0.10", "Rollback")),
        (SECOND, ("0.25", "Hold")),
        (of_another_snapshot(SECOND), (None, None)),
    ],
)
def test_the_limit_of_a_shift_depends_on_what_the_versions_share(candidate, rule):
    assert predictions(FIRST, candidate) == rule


def test_a_written_limit_gates_whatever_the_versions_share():
    other = of_another_snapshot(SECOND)
    assert predictions(FIRST, other, maxShift="0.5") == ("0.5", "Hold")
    assert predictions(FIRST, other, maxShift="0.5", onFailed="Rollback") == ("0.5", "Rollback")
    assert predictions(FIRST, SAME_ARTIFACT, maxShift="0.5") == ("0.5", "Rollback")


def test_a_written_action_needs_a_limit():
    assert predictions(FIRST, SECOND, onFailed="Rollback") == ("0.25", "Rollback")
    assert predictions(FIRST, of_another_snapshot(SECOND), onFailed="Rollback") == (None, None)


def test_without_stable_nothing_is_compared():
    assert predictions(None, SECOND) == (None, None)


def test_other_rules_stay_as_they_are_written():
    stated = Analysis.model_validate({"minSamples": 7, "errors": {"maxRatio": "2"}})
    rules = rules_for(stated, FIRST, SECOND)
    assert (rules.min_samples, rules.errors.max_ratio) == (7, "2")
