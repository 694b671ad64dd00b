"""The Services of a ModelDeployment, and the disruption budget of its pods."""

from collections.abc import Mapping
from typing import Final

from perennial.api.manifest import Manifest
from perennial.api.names import REVISION, labels, revision_name
from perennial.planning.model_deployment.deployment import KIND, selector

PORT: Final = 80


def revision_service(name: str, namespace: str, revision: str) -> Manifest:
    """Return the Service of one revision: its selector never changes."""
    chosen = selector(name, revision)
    return _service(revision_name(name, revision), namespace, chosen, chosen)


def address_service(name: str, namespace: str, revision: str) -> Manifest:
    """Return the Service that clients use; its selector decides which revision has the traffic."""
    return _service(name, namespace, labels(KIND, name), selector(name, revision))


def address(name: str, namespace: str) -> str:
    """Return the URL of a model inside the cluster."""
    return f"http://{name}.{namespace}.svc"


def in_rotation(service: Manifest | None) -> str | None:
    """Return the revision that the address Service selects."""
    chosen: Mapping[str, str] = service["spec"].get("selector", {}) if service else {}
    return chosen.get(REVISION)


def disruption_budget(name: str, namespace: str, revision: str) -> Manifest:
    """Return the budget of the pods in rotation: a broken candidate never blocks a node's drain."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(KIND, name)},
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": selector(name, revision)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def _service(
    name: str, namespace: str, stated: Mapping[str, str], chosen: Mapping[str, str]
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(stated)},
        "spec": {
            "selector": dict(chosen),
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }
