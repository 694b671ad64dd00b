"""The Deployment of one revision: restricted pods that verify an artifact and serve it."""

from datetime import datetime
from typing import Any, Final

from perennial.api import names
from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest
from perennial.api.names import REVISION, SERVED_UNTIL, VERSION, labels, revision_name
from perennial.api.times import to_timestamp
from perennial.planning.model_deployment.prediction_key import key_variable
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.pod.security import CONTAINER_SECURITY, restricted_pod
from perennial.planning.pod.store_access import store_access

KIND: Final = "ModelDeployment"
PORT: Final = 8080
_FOLDER = "/var/run/perennial"
_MODEL = f"{_FOLDER}/model"
_LOADS_WITHIN_SECONDS = 600


def selector(name: str, revision: str) -> dict[str, str]:
    """Return the labels that only the pods of one revision have."""
    return {**labels(KIND, name), REVISION: revision}


def pod_selector(name: str) -> str:
    """Return the label selector of the pods of all revisions, for the scale subresource."""
    return f"{names.KIND}={KIND},{names.NAME}={name}"


def server_deployment(
    name: str, namespace: str, replicas: int, of: Definition, configuration: Configuration
) -> Manifest:
    """Return the Deployment of one revision; only its replicas ever change."""
    chosen = selector(name, of.revision)
    stated = {**chosen, VERSION: of.version}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(name, namespace, of.revision, stated),
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 0,
            "selector": {"matchLabels": chosen},
            "template": {
                "metadata": {
                    "labels": {**(of.server.pod.labels or {}), **stated},
                    "annotations": _SCRAPED,
                },
                "spec": _pod(name, of, configuration),
            },
        },
    }


def scaled(
    name: str, namespace: str, revision: str, replicas: int, served_until: datetime | None = None
) -> Manifest:
    """Return the part of a revision's Deployment that changes: its replicas, and a mark.

    Without a time, an apply removes the mark of a former revision.
    """
    metadata: dict[str, Any] = {"name": revision_name(name, revision), "namespace": namespace}
    if served_until:
        metadata["annotations"] = {SERVED_UNTIL: to_timestamp(served_until)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": replicas},
    }


def _metadata(name: str, namespace: str, revision: str, stated: dict[str, str]) -> dict[str, Any]:
    return {"name": revision_name(name, revision), "namespace": namespace, "labels": stated}


_SCRAPED: Final = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": str(PORT),
    "prometheus.io/path": "/metrics",
}


def _pod(name: str, of: Definition, configuration: Configuration) -> Manifest:
    return {
        **restricted_pod(of.server.pod),
        "terminationGracePeriodSeconds": 30,  # more than a server takes to drain and to end
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(name, of.revision)},
            }
        ],
        "initContainers": [_fetch(of, configuration)],
        "containers": [_server(name, of, configuration)],
        "volumes": [{"name": "model", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
    }


def _container(name: str, of: Definition, configuration: Configuration) -> dict[str, Any]:
    return {
        "name": name,
        "image": of.image,
        "imagePullPolicy": configuration.image_pull_policy,
        "securityContext": CONTAINER_SECURITY,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": of.server.resources.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _fetch(of: Definition, configuration: Configuration) -> Manifest:
    """Return the only container with the keys of the store; it ends before the server starts."""
    return {
        **_container("fetch", of, configuration),
        "args": ["fetch"],
        "env": [
            *store_access(configuration.stores[of.artifact.store]),
            *_variables(
                PERENNIAL_ARTIFACT_PATH=of.artifact.path,
                PERENNIAL_ARTIFACT_DIGEST=of.artifact.digest,
                PERENNIAL_MODEL=_MODEL,
            ),
        ],
        "volumeMounts": [{"name": "model", "mountPath": _FOLDER}, _TMP],
    }


def _server(name: str, of: Definition, configuration: Configuration) -> Manifest:
    return {
        **_container("server", of, configuration),
        "args": ["serve"],
        "env": [
            *_variables(
                PERENNIAL_MODEL=_MODEL,
                PERENNIAL_MODEL_NAME=of.model,
                PERENNIAL_MODEL_VERSION=of.version,
                PERENNIAL_DEPLOYMENT=name,
                PERENNIAL_REVISION=of.revision,
                PERENNIAL_ARTIFACT_DIGEST=of.artifact.digest,
                PERENNIAL_OUT_OF_CONTRACT=of.server.out_of_contract,
            ),
            *(_variables(PERENNIAL_WORKERS=str(of.server.workers)) if of.server.workers else ()),
            {"name": "PERENNIAL_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
            key_variable(name),
        ],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": _probe("live", every=1, failures=_LOADS_WITHIN_SECONDS),
        "readinessProbe": _probe("ready", every=1, failures=3),
        "livenessProbe": _probe("live", every=10, failures=3),
        "volumeMounts": [{"name": "model", "mountPath": _FOLDER, "readOnly": True}, _TMP],
    }


_TMP: Final = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 - a path inside the pod


def _variables(**values: str) -> list[Manifest]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _probe(aspect: str, every: int, failures: int) -> Manifest:
    return {
        "httpGet": {"path": f"/v2/health/{aspect}", "port": "http"},
        "periodSeconds": every,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }
