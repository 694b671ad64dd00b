"""The Services of a ModelDeployment, and the disruption budget of its pods."""

from collections.abc import Mapping
from typing import Any, Final

from perennial.api.manifest import Manifest
from perennial.api.names import REVISION, STABLE, labels, revision_name
from perennial.planning.model_deployment.deployment import KIND, selector

PORT: Final = 80


def revision_service(name: str, namespace: str, revision: str) -> Manifest:
    """Return the Service of one revision: its selector never changes."""
    chosen = selector(name, revision)
    return _service(revision_name(name, revision), namespace, chosen, chosen)


def address_service(
    name: str, namespace: str, revision: str, *, is_shared: bool = False, is_marked: bool = False
) -> Manifest:
    """Return the Service that clients use; its selector decides which revision has the traffic.

    A shared selector chooses the pods of all revisions, so that the mark alone names the stable
    one. A mark that exists is kept up to date.
    """
    chosen = labels(KIND, name) if is_shared else selector(name, revision)
    service = _service(name, namespace, labels(KIND, name), chosen)
    if is_shared or is_marked:
        service["metadata"]["annotations"] = {STABLE: revision}
    return service


def address(name: str, namespace: str) -> str:
    """Return the URL of a model inside the cluster."""
    return f"http://{name}.{namespace}.svc"


def in_rotation(service: Manifest | None) -> str | None:
    """Return the revision that the address Service selects."""
    chosen: Mapping[str, str] = service["spec"].get("selector", {}) if service else {}
    return chosen.get(REVISION)


def stable_mark(service: Manifest | None) -> str | None:
    """Return the stable revision by the mark on the address Service."""
    annotations: Mapping[str, str] = (
        (service["metadata"].get("annotations") or {}) if service else {}
    )
    return annotations.get(STABLE)


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
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(stated)},
        "spec": {
            "selector": dict(chosen),
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }
