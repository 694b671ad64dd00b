"""Which versions the ModelDeployments of a namespace serve."""

from collections.abc import Iterator

from pydantic import ValidationError

from perennial.api.manifest import Manifest
from perennial.api.model_deployment import LATEST, ModelDeploymentStatus
from perennial.api.model_version import Rejection
from perennial.api.names import KIND, VERSION
from perennial.api.rollout_status import DecisionRecord
from perennial.cluster.cache import Cache


def status_of(deployment: Manifest) -> ModelDeploymentStatus:
    """Return the status of a ModelDeployment; an empty one in place of a foreign one."""
    try:
        return ModelDeploymentStatus.model_validate(deployment.get("status") or {})
    except ValidationError:  # not of this operator's making; its own reconciler mends it
        return ModelDeploymentStatus()


def named_by(cache: Cache, namespace: str) -> frozenset[str]:
    """Return every version that a ModelDeployment serves, rolls out, pins or can return to."""
    deployments = cache.of_kind("ModelDeployment", namespace)
    names = frozenset(name for deployment in deployments for name in _names(deployment))
    return names | frozenset(_kept(cache, namespace))


def served_by(cache: Cache, namespace: str, version: str) -> tuple[str, ...]:
    """Return the names of the ModelDeployments whose traffic a version has."""
    return tuple(
        sorted(
            deployment["metadata"]["name"]
            for deployment in cache.of_kind("ModelDeployment", namespace)
            if stable_version(deployment) == version
        )
    )


def stable_version(deployment: Manifest) -> str | None:
    """Return the version that has the traffic of a ModelDeployment."""
    version: str | None = _revision(deployment, "stable").get("version")
    return version


def rejected_versions(deployment: Manifest) -> frozenset[str]:
    """Return the versions that failed a rollout of a ModelDeployment."""
    rejected = (deployment.get("status") or {}).get("rejected") or ()
    return frozenset(each["version"] for each in rejected if "version" in each)


def rejections_of(cache: Cache, namespace: str, version: str) -> tuple[Rejection, ...]:
    """Return the rollouts in which a version was rejected, as ModelDeployments record them."""
    return tuple(
        Rejection(
            deployment=deployment["metadata"]["name"],
            revision=each.revision,
            at=each.at,
            reason=each.reason,
            message=each.message,
        )
        for deployment in cache.of_kind("ModelDeployment", namespace)
        for each in status_of(deployment).rejected
        if each.version == version
    )


def decision_records(deployment: Manifest) -> tuple[DecisionRecord, ...]:
    """Return the Decisions that a ModelDeployment has acted on."""
    return status_of(deployment).decisions


def _names(deployment: Manifest) -> Iterator[str]:
    pinned = (deployment["spec"].get("model") or {}).get("version", LATEST)
    if pinned != LATEST:
        yield pinned
    for role in ("stable", "candidate"):
        if version := _revision(deployment, role).get("version"):
            yield version


def _kept(cache: Cache, namespace: str) -> Iterator[str]:
    """Yield the versions of all revisions that have a Deployment, with pods or without."""
    for server in cache.of_kind("Deployment", namespace):
        labels = server["metadata"].get("labels") or {}
        if labels.get(KIND) == "ModelDeployment" and VERSION in labels:
            yield labels[VERSION]


def _revision(deployment: Manifest, role: str) -> Manifest:
    return (deployment.get("status") or {}).get(role) or {}
