"""Which versions the ModelDeployments of a namespace serve."""

from collections.abc import Iterator

from perennial.api.manifest import Manifest
from perennial.api.model_deployment import LATEST
from perennial.cluster.cache import Cache


def named_by(store: Cache, namespace: str) -> frozenset[str]:
    """Return every version that a ModelDeployment serves, brings in or asks for by name."""
    deployments = store.of_kind("ModelDeployment", namespace)
    return frozenset(name for deployment in deployments for name in _names(deployment))


def served_by(store: Cache, namespace: str, version: str) -> tuple[str, ...]:
    """Return the ModelDeployments whose users one version answers now."""
    return tuple(
        sorted(
            deployment["metadata"]["name"]
            for deployment in store.of_kind("ModelDeployment", namespace)
            if _revision(deployment, "stable").get("version") == version
        )
    )


def _names(deployment: Manifest) -> Iterator[str]:
    asked = (deployment["spec"].get("model") or {}).get("version", LATEST)
    if asked != LATEST:
        yield asked
    for role in ("stable", "candidate"):
        if version := _revision(deployment, role).get("version"):
            yield version


def _revision(deployment: Manifest, role: str) -> Manifest:
    return (deployment.get("status") or {}).get(role) or {}
