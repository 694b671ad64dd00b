"""The kinds that the operator deals with, and where the API server serves each of them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from perennial.api.kinds import KINDS
from perennial.api.names import MANAGED_BY, OPERATOR
from perennial.api.schema import API_VERSION

OWN: Final = tuple(kind.name for kind in KINDS)
"""The kinds that people write; each has one reconciler."""

CHILDREN: Final = ("Job", "Pod", "Deployment", "Service", "PodDisruptionBudget")
"""Kubernetes' own kinds; only objects with our label are looked at."""

WATCHED: Final = OWN + CHILDREN


class Resource(NamedTuple):
    """One kind, as the API server serves it."""

    kind: str
    api_version: str
    plural: str

    @property
    def group(self) -> str:
        """Return the API group; the core group has an empty name."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Return the version within the group."""
        return self.api_version.rpartition("/")[2]

    @property
    def label_selector(self) -> str | None:
        """Return what limits a list or a watch to our own objects."""
        return f"{MANAGED_BY}={OPERATOR}" if self.kind in CHILDREN else None

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """Return the path of one object, or of all objects of a namespace or of the cluster."""
        root = "/apis" if self.group else "/api"
        place = ("namespaces", namespace) if namespace else ()
        parts = (root, self.api_version, *place, self.plural, name, subresource)
        return "/".join(part for part in parts if part)


RESOURCES: Final[Mapping[str, Resource]] = {
    resource.kind: resource
    for resource in (
        *(Resource(kind.name, API_VERSION, kind.plural) for kind in KINDS),
        Resource("Job", "batch/v1", "jobs"),
        Resource("Pod", "v1", "pods"),
        Resource("Deployment", "apps/v1", "deployments"),
        Resource("Service", "v1", "services"),
        Resource("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets"),
        Resource("Event", "v1", "events"),
        Resource("Secret", "v1", "secrets"),
        Resource("Lease", "coordination.k8s.io/v1", "leases"),
    )
}
