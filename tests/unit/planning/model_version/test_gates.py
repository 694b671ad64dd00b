from builders.model import at_least, at_most
from builders.model_version import AUC, evaluation
from perennial.api.gate import Outcome
from perennial.api.model import Validation
from perennial.planning.model_version.gates import judge, policy_digest, verdict


def policy(*gates):
    return Validation(metrics=gates)


def outcome(*gates, of=None):
    return judge(policy(*gates), of or evaluation()).outcome


def test_without_a_limit_everything_passes():
    assert outcome() is Outcome.PASSED


def test_a_measure_at_its_limit_passes():
    assert outcome(at_least("0.7412")) is Outcome.PASSED
    assert outcome(at_most("0.1702")) is Outcome.PASSED
    assert outcome(at_least("0.74120001")) is Outcome.FAILED
    assert outcome(at_most("0.17019999")) is Outcome.FAILED


def test_numbers_are_compared_as_numbers_and_exactly():
    assert outcome(at_least("0.74120")) is Outcome.PASSED
    assert outcome(at_least("0.0999999999999999999999")) is Outcome.PASSED
    assert outcome(at_least("-2", "r2"), of=evaluation("r2", r2=AUC)) is Outcome.PASSED


def test_one_required_gate_that_fails_fails_the_version():
    assert outcome(at_least("0.7"), at_most("0.1")) is Outcome.FAILED


def test_an_advisory_gate_warns_and_a_disabled_one_is_silent():
    assert outcome(at_least("0.9", enforce="Advisory")) is Outcome.WARNED
    assert outcome(at_least("0.9", enforce="Disabled")) is Outcome.PASSED
    assert judge(policy(at_least("0.9", enforce="Disabled")), evaluation()).gates == ()


def test_each_gate_keeps_its_numbers():
    gate = judge(policy(at_least("0.70")), evaluation()).gates[0]
    assert (gate.name, gate.value, gate.low, gate.high) == ("roc_auc", "0.7412", "0.7310", "0.7514")
    assert (gate.limit, gate.samples) == ("at least 0.70", 10_000)


def test_the_verdict_gives_the_numbers_of_what_was_missed_and_of_nothing_else():
    limits = policy(at_least("0.9"), at_most("0.9"))
    assert verdict(judge(limits, evaluation()), evaluation()) == (
        "roc_auc is 0.7412 (0.7310 to 0.7514, 10000 rows) and must be at least 0.9"
    )


def test_a_measure_that_does_not_exist_fails_and_those_that_do_are_named():
    measured = evaluation("accuracy", accuracy=AUC, log_loss=AUC)
    report = judge(policy(at_least("0.7")), measured)
    assert report.outcome is Outcome.FAILED
    assert report.gates[0].value is None
    assert verdict(report, measured).endswith("was not measured; available are: accuracy, log_loss")


def test_the_policy_has_an_identity_that_ignores_what_is_so_anyway():
    assert policy_digest(policy(at_least("0.7"))) != policy_digest(policy(at_least("0.8")))
    assert policy_digest(policy(at_least("0.7"))) == policy_digest(
        policy(at_least("0.7", enforce="Required"))
    )
