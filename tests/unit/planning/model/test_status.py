from dataclasses import replace
from datetime import timedelta

from builders.job import CONFIGURATION, NOON
from builders.model import begun, broken, data, request, spec, version
from perennial.api.model import ModelStatus
from perennial.planning.job.manifest import attempt_job
from perennial.planning.model.status import of_trainings, of_versions
from perennial.planning.model.training_job import training_template
from perennial.planning.plan import Create


def trainings(*attempts, status=None, actions=()):
    return of_trainings(status or ModelStatus(), attempts, actions, NOON)


def test_versions_are_counted_and_the_important_ones_named():
    first, second = version(number=1), version(learned=data(digit="b"), number=2)
    assert of_versions(first, [first, second]) == {
        "current_version": first.name,
        "latest_version": second.name,
        "latest_ready": second.name,
        "versions": 2,
    }
    assert of_versions(None, []) == {
        "current_version": None,
        "latest_version": None,
        "latest_ready": None,
        "versions": 0,
    }


def test_the_newest_training_is_noted():
    training = trainings(begun())["training"]
    assert (training.attempt, training.inputs) == (1, request().inputs)
    assert training.started_at == NOON


def test_a_job_that_is_only_just_begun_counts():
    stores = (CONFIGURATION.stores["default"],) * 2
    job_template = training_template("delay", "delays", spec(), data(), request(), stores)
    job = attempt_job(job_template, CONFIGURATION, "delay-abc-1", 1)
    training = trainings(actions=(Create(job),))["training"]
    assert (training.job, training.started_at) == ("delay-abc-1", NOON)
    later = replace(begun(), name="delay-abc-1", created=NOON + timedelta(seconds=1))
    assert trainings(later, status=ModelStatus(training=training))["training"] == training


def test_the_newest_training_is_remembered_when_its_job_is_gone():
    training = trainings(begun())["training"]
    assert trainings(status=ModelStatus(training=training))["training"] == training


def test_each_failure_is_remembered_once_newest_first():
    early, late = broken(number=1, seconds_ago=60), broken(number=2)
    failures = trainings(early, late)["failures"]
    assert [each.job for each in failures] == [late.name, early.name]
    assert failures[0].reason == "FitFailed"
    assert trainings(late, status=ModelStatus(failures=failures))["failures"] == failures


def test_the_last_ten_failures_are_remembered():
    attempts = [broken(number=number, seconds_ago=100 - number) for number in range(1, 13)]
    failures = trainings(*attempts)["failures"]
    assert len(failures) == 10
    assert failures[0].job == attempts[-1].name
    assert trainings(*attempts, status=ModelStatus(failures=failures))["failures"] == failures
