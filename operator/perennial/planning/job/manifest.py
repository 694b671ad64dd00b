"""The Job of one attempt: prepare -> work -> publish in one restricted pod."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perennial.api import names
from perennial.api.configuration import Configuration, Store
from perennial.api.digests import digest_of
from perennial.api.manifest import Manifest
from perennial.api.pod import JobRun, Resources
from perennial.api.tasks import Step, Task
from perennial.api.times import to_timedelta
from perennial.planning.pod.security import CONTAINER_SECURITY, restricted_pod
from perennial.planning.pod.store_access import store_access

LONGEST_TASK = 200 * 1024
"""Bytes. The task travels as an annotation, and all annotations share 256 KiB."""

_RESERVED: Mapping[str, str] = {"cpu": "250m", "memory": "512Mi"}
_SCRATCH, _TASK, _SOURCE = "/var/run/perennial", "/etc/perennial", "/var/run/perennial/source"
_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class JobTemplate:
    """What all attempts at one piece of work have in common."""

    kind: str
    owner: str
    namespace: str
    task: Task
    task_json: str
    """The task as JSON."""
    request: str
    """The inputs that the work began with, kept as an annotation of the Job."""
    run: JobRun
    reads: Store
    writes: Store
    claim: str | None = None
    """PersistentVolumeClaim that holds the source."""

    def oversized(self) -> str | None:
        """Return what to do about a task that is too large for an annotation; None: it fits."""
        size = len(self.task_json.encode())
        if size <= LONGEST_TASK:
            return None
        return (
            f"spec: the task of its Job has {size} bytes, and at most {LONGEST_TASK} are possible: "
            "declare fewer columns, allowed values or candidates"
        )


def attempt_job(
    template: JobTemplate, configuration: Configuration, name: str, attempt: int
) -> Manifest:
    """Return the Job of one attempt. The plan counts attempts: the Job itself never retries."""
    pod_template = _pod_template(template, configuration)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": template.namespace,
            "labels": {
                **names.labels(template.kind, template.owner),
                names.ATTEMPT: str(attempt),
            },
            "annotations": {
                names.ORDER: template.request,
                names.SETTINGS: settings_digest(template.run),
                names.TEMPLATE: digest_of(pod_template),
            },
        },
        "spec": {"backoffLimit": 0, "completions": 1, "parallelism": 1, "template": pod_template},
    }


def settings_digest(run: JobRun) -> str:
    """Return the identity of the settings that a user gives for Jobs."""
    return digest_of(run.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def template_digest(template: JobTemplate, configuration: Configuration) -> str:
    """Return the identity of the pod that an attempt would have now."""
    return digest_of(_pod_template(template, configuration))


def _pod_template(template: JobTemplate, configuration: Configuration) -> dict[str, Any]:
    pod = template.run.pod
    return {
        "metadata": {
            "labels": {**(pod.labels or {}), **names.labels(template.kind, template.owner)},
            "annotations": {names.TASK: template.task_json},
        },
        "spec": {
            **restricted_pod(pod),
            "restartPolicy": "Never",
            # On the pod, where it keeps the evidence; a Job's own deadline deletes the pod.
            "activeDeadlineSeconds": int(to_timedelta(template.run.deadline).total_seconds()),
            "terminationGracePeriodSeconds": _GRACE_SECONDS,
            "initContainers": [
                _step(template, configuration, "prepare", template.reads),
                _step(template, configuration, "work", None),
            ],
            "containers": [_step(template, configuration, "publish", template.writes)],
            "volumes": _volumes(template),
        },
    }


def _step(
    template: JobTemplate, configuration: Configuration, step: Step, store: Store | None
) -> Manifest:
    """Return one step; steps follow one another, so the pod reserves their resources once."""
    return {
        "name": step,
        "image": configuration.images.training,
        "imagePullPolicy": configuration.image_pull_policy,
        "args": [template.task, step],
        "env": [
            {"name": "HOME", "value": "/tmp"},  # noqa: S108 - an emptyDir of the pod's own
            {"name": "PERENNIAL_NAMESPACE", "value": template.namespace},
            *(store_access(store) if store else ()),
        ],
        "resources": _resources(template.run.resources),
        "securityContext": CONTAINER_SECURITY,
        "volumeMounts": _mounts(template, step),
    }


def _resources(wanted: Resources) -> Manifest:
    """Return what a step reserves; a limit alone is its own reservation."""
    limits = wanted.limits or {}
    defaults = {name: amount for name, amount in _RESERVED.items() if name not in limits}
    requests = {**defaults, **(wanted.requests or {})}
    return {"requests": requests, **({"limits": limits} if limits else {})}


def _mounts(template: JobTemplate, step: Step) -> list[Manifest]:
    mounts: list[Manifest] = [
        {"name": "scratch", "mountPath": _SCRATCH},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - as above
        {"name": "task", "mountPath": _TASK, "readOnly": True},
    ]
    if template.claim is not None and step != "publish":
        mounts.append({"name": "source", "mountPath": _SOURCE, "readOnly": True})
    return mounts


def _volumes(template: JobTemplate) -> list[Manifest]:
    annotation = f"metadata.annotations['{names.TASK}']"
    volumes: list[Manifest] = [
        {"name": "scratch", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
        {
            "name": "task",
            "downwardAPI": {
                "items": [{"path": "task.json", "fieldRef": {"fieldPath": annotation}}]
            },
        },
    ]
    if template.claim is not None:
        claim = {"claimName": template.claim, "readOnly": True}
        volumes.append({"name": "source", "persistentVolumeClaim": claim})
    return volumes
