from dataclasses import replace

import pytest

from builders.job import CONFIGURATION, job, job_template, limited
from perennial.api.configuration import Images, Store
from perennial.api.pod import JobRun, Pod, Resources
from perennial.planning.job.manifest import (
    LONGEST_TASK,
    attempt_job,
    settings_digest,
    template_digest,
)


def template(of=None):
    return job(of)["spec"]["template"]


def steps(of=None):
    spec = template(of)["spec"]
    return {step["name"]: step for step in (*spec["initContainers"], *spec["containers"])}


def mounts(step):
    return {mount["name"]: mount["mountPath"] for mount in step["volumeMounts"]}


def variables(step):
    return {variable["name"] for variable in step["env"]}


def test_prepare_and_work_go_before_publish():
    spec = template()["spec"]
    assert [step["name"] for step in spec["initContainers"]] == ["prepare", "work"]
    assert [step["name"] for step in spec["containers"]] == ["publish"]
    assert [step["args"] for step in steps().values()] == [
        ["snapshot", "prepare"],
        ["snapshot", "work"],
        ["snapshot", "publish"],
    ]


def test_the_job_never_tries_again_itself_and_its_deadline_keeps_the_evidence():
    spec = job(job_template(JobRun(deadline="2h")))["spec"]
    assert spec["backoffLimit"] == 0
    assert "activeDeadlineSeconds" not in spec
    assert "ttlSecondsAfterFinished" not in spec
    assert spec["template"]["spec"]["activeDeadlineSeconds"] == 7200
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_the_task_travels_with_the_pod():
    assert template()["metadata"]["annotations"] == {"perennial.dev/task": "{}"}
    task = next(volume for volume in template()["spec"]["volumes"] if volume["name"] == "task")
    assert task["downwardAPI"]["items"] == [
        {
            "path": "task.json",
            "fieldRef": {"fieldPath": "metadata.annotations['perennial.dev/task']"},
        }
    ]
    assert mounts(steps()["work"])["task"] == "/etc/perennial"


def test_only_the_first_and_the_last_step_can_open_a_store():
    keys = {"PERENNIAL_STORE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert keys <= variables(steps()["prepare"])
    assert keys <= variables(steps()["publish"])
    assert variables(steps()["work"]) == {"HOME", "PERENNIAL_NAMESPACE"}


def test_data_may_come_from_one_store_and_go_to_another():
    found = steps(replace(job_template(), writes=Store(bucket="other-models")))
    assert "other-models" in str(found["publish"]["env"])
    assert "other-models" not in str(found["prepare"]["env"])


def test_a_volume_is_shown_read_only_to_those_who_read_it():
    found = steps(replace(job_template(), claim="exports"))
    assert mounts(found["prepare"])["source"] == "/var/run/perennial/source"
    assert mounts(found["work"])["source"] == "/var/run/perennial/source"
    assert "source" not in mounts(found["publish"])
    assert {
        "name": "source",
        "persistentVolumeClaim": {"claimName": "exports", "readOnly": True},
    } in template(replace(job_template(), claim="exports"))["spec"]["volumes"]


def test_the_pod_has_the_labels_of_its_owner_whatever_the_user_adds():
    labelled = template(job_template(JobRun(pod=Pod(labels={"team": "ops"}))))
    assert labelled["metadata"]["labels"] == {
        "team": "ops",
        "app.kubernetes.io/managed-by": "perennial",
        "perennial.dev/kind": "Dataset",
        "perennial.dev/name": "flights",
    }


RESERVATIONS = [
    (Resources(), {"requests": {"cpu": "250m", "memory": "512Mi"}}),
    (
        Resources(requests={"memory": "2Gi"}),
        {"requests": {"cpu": "250m", "memory": "2Gi"}},
    ),
    (
        Resources(limits={"memory": "256Mi"}),
        {"requests": {"cpu": "250m"}, "limits": {"memory": "256Mi"}},
    ),
    (
        Resources(requests={"cpu": 1, "example.com/gpu": 1}, limits={"example.com/gpu": 1}),
        {
            "requests": {"cpu": 1, "memory": "512Mi", "example.com/gpu": 1},
            "limits": {"example.com/gpu": 1},
        },
    ),
]


@pytest.mark.parametrize(("wanted", "expected"), RESERVATIONS)
def test_every_step_reserves_the_same_and_never_more_than_its_limit(wanted, expected):
    found = steps(job_template(JobRun(resources=wanted)))
    assert [step["resources"] for step in found.values()] == [expected] * 3


def test_pods_pass_the_restricted_profile():
    assert template()["spec"]["securityContext"]["runAsNonRoot"]
    for step in steps().values():
        assert step["securityContext"]["readOnlyRootFilesystem"]
        assert "tmp" in mounts(step)


def test_how_a_job_runs_and_how_it_is_built_have_identities_of_their_own():
    one, other = job_template(), job_template(limited("1Gi"))
    images = Images(training="job:2", server="server:1", server_sklearn="sklearn:1")
    newer = CONFIGURATION.model_copy(update={"images": images})
    assert settings_digest(one.run) != settings_digest(other.run)
    assert template_digest(one, CONFIGURATION) != template_digest(other, CONFIGURATION)
    assert template_digest(one, CONFIGURATION) != template_digest(one, newer)


def test_the_job_notes_what_it_was_begun_for():
    annotations = attempt_job(job_template(), CONFIGURATION, "a-1", 1)["metadata"]["annotations"]
    assert annotations == {
        "perennial.dev/order": "contract",
        "perennial.dev/settings": settings_digest(JobRun()),
        "perennial.dev/template": template_digest(job_template(), CONFIGURATION),
    }


def test_a_task_that_fits_into_no_annotation_is_noticed_before_the_api_server_refuses_it():
    assert replace(job_template(), task_json="x" * LONGEST_TASK).oversized() is None
    assert (
        "declare fewer columns"
        in replace(job_template(), task_json="x" * (LONGEST_TASK + 1)).oversized()
    )
    assert replace(job_template(), task_json="é" * (LONGEST_TASK // 2 + 1)).oversized()
