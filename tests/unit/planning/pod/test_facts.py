from datetime import timedelta

import pytest

from builders.job import NOON, condition, deleted, ended, job, job_template, pod, running, waiting
from perennial.api.manifest import condition as condition_of
from perennial.planning.pod.facts import PodFacts, quote, settings_path


def facts(found):
    return PodFacts(job(), found)


def test_the_steps_that_ended_are_told_in_order():
    found = facts(pod("Failed", ended("prepare", after=5), ended("work", 3, "no", after=9)))
    assert [(each.step, each.exit_code) for each in found.ended()] == [("prepare", 0), ("work", 3)]
    (failed,) = found.failed()
    assert (failed.message, failed.at) == ("no", NOON + timedelta(seconds=9))


def test_a_step_whose_end_nobody_saw_ended_when_the_pod_last_changed():
    found = pod("Failed", ended("work", 137), conditions=[condition("Ready", "False", after=30)])
    state = found["status"]["initContainerStatuses"][1]["state"]["terminated"]
    state["finishedAt"] = None
    (failed,) = facts(found).failed()
    assert failed.at == NOON + timedelta(seconds=30)


def test_containers_that_others_injected_are_no_steps_but_may_keep_the_pod_waiting():
    found = pod("Running", running("work"))
    sidecar = {
        "name": "proxy",
        "image": "proxy:1",
        "state": {"terminated": {"exitCode": 1, "finishedAt": None}},
    }
    found["status"]["containerStatuses"].append(sidecar)
    assert list(facts(found).ended()) == []
    sidecar["state"] = {"waiting": {"reason": "ErrImagePull"}}
    assert [each.container for each in facts(found).waiting()] == ["prepare", "publish", "proxy"]


def test_a_pod_that_the_node_has_not_seen_says_nothing():
    bare = {**pod(), "status": {}}
    assert list(facts(bare).ended()) == []
    assert not facts(bare).is_failed
    assert facts(bare).ended_at() == facts(bare).began == NOON + timedelta(seconds=1)


def test_a_deleted_pod_is_known_as_such():
    assert facts(deleted(pod())).is_deleted
    assert not facts(pod("Pending", waiting("prepare", "ErrImagePull"))).is_deleted


def test_foreign_words_are_repeated_on_one_line_and_not_at_length():
    assert quote("no\n  such\tthing ") == "no such thing"
    assert len(quote("x" * 10_000)) == 400


def test_an_absent_condition_is_empty():
    assert condition_of({}, "Ready") == {}
    assert condition_of({"status": None}, "Ready") == {}


@pytest.mark.parametrize(
    ("kind", "path"), [("Dataset", "spec.job"), ("Model", "spec.training.job")]
)
def test_how_a_job_runs_stands_at_another_place_in_each_kind(kind, path):
    assert settings_path(job(job_template(kind=kind))) == path
