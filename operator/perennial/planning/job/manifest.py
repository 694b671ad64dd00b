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
"""Bytes of a task: it travels as an annotation, and all annotations share 256 KiB."""

_RESERVED: Mapping[str, str] = {"cpu": "250m", "memory": "512Mi"}
_SCRATCH, _TASK, _SOURCE = "/var/run/perennial", "/etc/perennial", "/var/run/perennial/source"
_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """What a Job is for, whichever attempt it is."""

    kind: str
    owner: str
    namespace: str
    task: Task
    told: str
    """The task as JSON."""
    order: str
    """What to remember about why it was begun."""
    run: JobRun
    reads: Store
    writes: Store
    claim: str | None = None
    """PersistentVolumeClaim that holds the source."""

    def oversized(self) -> str | None:
        """Return what to do about a task that no Job can be told; None: it fits."""
        size = len(self.told.encode())
        if size <= LONGEST_TASK:
            return None
        return (
            f"spec: a Job would have to be told {size} bytes and can be told {LONGEST_TASK}: "
            "declare fewer columns, allowed values or candidates"
        )


def attempt_job(errand: Errand, configuration: Configuration, name: str, attempt: int) -> Manifest:
    """Return the Job for one attempt; attempts are counted here: the Job never tries again."""
    template = _template(errand, configuration)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": errand.namespace,
            "labels": {
                **names.labels(errand.kind, errand.owner),
                names.ATTEMPT: str(attempt),
            },
            "annotations": {
                names.ORDER: errand.order,
                names.SETTINGS: settings_digest(errand.run),
                names.TEMPLATE: digest_of(template),
            },
        },
        "spec": {"backoffLimit": 0, "completions": 1, "parallelism": 1, "template": template},
    }


def settings_digest(run: JobRun) -> str:
    """Return the identity of how a user wants Jobs to run."""
    return digest_of(run.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def template_digest(errand: Errand, configuration: Configuration) -> str:
    """Return the identity of the pod that an attempt would have now."""
    return digest_of(_template(errand, configuration))


def _template(errand: Errand, configuration: Configuration) -> dict[str, Any]:
    pod = errand.run.pod
    return {
        "metadata": {
            "labels": {**(pod.labels or {}), **names.labels(errand.kind, errand.owner)},
            "annotations": {names.TASK: errand.told},
        },
        "spec": {
            **restricted_pod(pod),
            "restartPolicy": "Never",
            # On the pod, where it keeps the evidence; a Job's own deadline deletes the pod.
            "activeDeadlineSeconds": int(to_timedelta(errand.run.deadline).total_seconds()),
            "terminationGracePeriodSeconds": _GRACE_SECONDS,
            "initContainers": [
                _step(errand, configuration, "prepare", errand.reads),
                _step(errand, configuration, "work", None),
            ],
            "containers": [_step(errand, configuration, "publish", errand.writes)],
            "volumes": _volumes(errand),
        },
    }


def _step(
    errand: Errand, configuration: Configuration, step: Step, store: Store | None
) -> Manifest:
    """Return one step; steps follow one another, so the pod reserves their resources once."""
    return {
        "name": step,
        "image": configuration.images.training,
        "imagePullPolicy": configuration.image_pull_policy,
        "args": [errand.task, step],
        "env": [
            {"name": "HOME", "value": "/tmp"},  # noqa: S108 - an emptyDir of the pod's own
            {"name": "PERENNIAL_NAMESPACE", "value": errand.namespace},
            *(store_access(store) if store else ()),
        ],
        "resources": _resources(errand.run.resources),
        "securityContext": CONTAINER_SECURITY,
        "volumeMounts": _mounts(errand, step),
    }


def _resources(wanted: Resources) -> Manifest:
    """Return what a step reserves; a limit alone is its own reservation."""
    limits = wanted.limits or {}
    defaults = {name: amount for name, amount in _RESERVED.items() if name not in limits}
    requests = {**defaults, **(wanted.requests or {})}
    return {"requests": requests, **({"limits": limits} if limits else {})}


def _mounts(errand: Errand, step: Step) -> list[Manifest]:
    mounts: list[Manifest] = [
        {"name": "scratch", "mountPath": _SCRATCH},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - as above
        {"name": "task", "mountPath": _TASK, "readOnly": True},
    ]
    if errand.claim is not None and step != "publish":
        mounts.append({"name": "source", "mountPath": _SOURCE, "readOnly": True})
    return mounts


def _volumes(errand: Errand) -> list[Manifest]:
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
    if errand.claim is not None:
        claim = {"claimName": errand.claim, "readOnly": True}
        volumes.append({"name": "source", "persistentVolumeClaim": claim})
    return volumes
