"""The kinds that the operator works with, and where the API server serves each of them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from perennial.api.kinds import KINDS
from perennial.api.names import MANAGED_BY, OPERATOR
from perennial.api.schema import API_VERSION

OWN: Final = tuple(kind.name for kind in KINDS)
"""The kinds that users write; each has one reconciler."""

CHILDREN: Final = (
    "Job",
    "Pod",
    "Deployment",
    "Service",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "HTTPRoute",
)
"""Kinds of others; only objects with the operator's label are listed and watched."""

REFERRED: Final = ("Gateway",)
"""Kinds of others that specs refer to; all objects are listed and watched, and none is written."""

WATCHABLE: Final = OWN + CHILDREN + REFERRED
"""Every kind that the operator watches where the API server serves it; see discovery.py."""


class Resource(NamedTuple):
    """One kind, as the API server serves it."""

    kind: str
    api_version: str
    plural: str
    optional: bool = False
    """Whether the operator works on clusters that do not serve this kind."""

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
        """Return the selector that limits lists and watches to the operator's objects."""
        return f"{MANAGED_BY}={OPERATOR}" if self.kind in CHILDREN else None

    @property
    def root(self) -> str:
        """Return the path of the group and version."""
        return f"{'/apis' if self.group else '/api'}/{self.api_version}"

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """Return the path of one object, or of all objects of a namespace or of the cluster."""
        place = ("namespaces", namespace) if namespace else ()
        parts = (self.root, *place, self.plural, name, subresource)
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
        Resource("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers"),
        Resource("HTTPRoute", "gateway.networking.k8s.io/v1", "httproutes", optional=True),
        Resource("Gateway", "gateway.networking.k8s.io/v1", "gateways", optional=True),
        Resource("Event", "v1", "events"),
        Resource("Secret", "v1", "secrets"),
        Resource("Lease", "coordination.k8s.io/v1", "leases"),
    )
}
