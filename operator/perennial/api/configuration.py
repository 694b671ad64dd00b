"""The operator's configuration: what an administrator allows and prefers."""

from typing import Annotated

from pydantic import Field

from perennial.api.scalars import Duration, ImageReference, Name
from perennial.api.schema import Spec
from perennial.api.tier import Tier

Prefix = Annotated[str, Field(max_length=512, pattern=r"^([^/].*/)?$")]


class Store(Spec):
    """An object store that resources may name."""

    endpoint: Annotated[str, Field(max_length=512, pattern=r"^https?://")] | None = None
    """Address of the S3 API; absent: the region's own."""
    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    """Bucket that holds sources, snapshots and artifacts."""
    prefix: Prefix = ""
    """Stands before every key; ends with '/'."""
    region: Annotated[str, Field(max_length=64)] = "us-east-1"
    """Region of the bucket."""
    secret_name: Name | None = None
    """Secret in the resource's namespace with the credentials; absent: workload identity."""
    namespaces: tuple[Name, ...] = ()
    """Namespaces that may use it; empty: all."""


class Images(Spec):
    """Images that the operator starts."""

    training: ImageReference
    """Runs snapshot and training Jobs."""
    server: ImageReference
    """Answers predictions of compiled versions."""
    server_sklearn: ImageReference
    """Answers predictions of versions that need scikit-learn."""

    def server_of(self, tier: Tier) -> ImageReference:
        """Return the image that can answer in this tier."""
        return self.server if tier is Tier.COMPILED else self.server_sklearn


class Limits(Spec):
    """What a namespace may use at once."""

    jobs_per_namespace: Annotated[int, Field(ge=1, le=1000)] = 10
    """Jobs that run at the same time in one namespace."""


class Pauses(Spec):
    """How long the operator waits."""

    first_retry: Duration = "30s"
    """Before the second attempt at a Job; doubled each time."""
    longest_retry: Duration = "1h"
    """Longest pause between two attempts."""
    job_history: Duration = "1h"
    """How long a finished Job stays after its report was recorded."""
    drain: Duration = "15s"
    """How long a revision that lost its traffic still answers."""
    resync: Duration = "10m"
    """Time between two comparisons of everything with the API server."""


class Lease(Spec):
    """How replicas of the operator agree on one leader."""

    enabled: bool = True
    """Whether several replicas may run; false: this one always leads."""
    name: Name = "perennial-operator"
    """Name of the Lease."""
    namespace: Name = "perennial-system"
    """Namespace of the Lease."""
    duration_seconds: Annotated[int, Field(ge=2, le=300)] = 15
    """How long a silent leader keeps the lead."""
    renew_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """How long the leader tries to renew before it gives up."""
    retry_seconds: Annotated[int, Field(ge=1, le=60)] = 2
    """Time between two attempts."""


class Configuration(Spec):
    """The whole file."""

    stores: Annotated[dict[Name, Store], Field(min_length=1, max_length=64)]
    """Object stores that resources may name."""
    images: Images
    """Images that the operator starts."""
    limits: Limits = Limits()
    """What a namespace may use at once."""
    pauses: Pauses = Pauses()
    """How long the operator waits."""
    lease: Lease = Lease()
    """How replicas agree on one leader."""
    watch_namespaces: tuple[Name, ...] = ()
    """Namespaces that are watched; empty: all."""
    image_pull_policy: Annotated[str, Field(pattern=r"^(Always|IfNotPresent|Never)$")] = (
        "IfNotPresent"
    )
    """When nodes pull the images."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port of /healthz, /readyz and /metrics."""
