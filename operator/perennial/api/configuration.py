"""The operator's configuration, written by the administrator."""

from typing import Annotated

from pydantic import Field

from perennial.api.scalars import Duration, ImageReference, LabelName, Name
from perennial.api.schema import Spec
from perennial.api.tier import Tier

Prefix = Annotated[str, Field(max_length=512, pattern=r"^([^/].*/)?$")]


class Store(Spec):
    """An object store that resources can use by name."""

    endpoint: Annotated[str, Field(max_length=512, pattern=r"^https?://")] | None = None
    """URL of the S3 API. Defaults to the AWS endpoint of the region."""
    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    """Bucket for sources, snapshots and artifacts."""
    prefix: Prefix = ""
    """Prefix of every key. Must end with '/'."""
    region: Annotated[str, Field(max_length=64)] = "us-east-1"
    """Region of the bucket."""
    secret_name: Name | None = None
    """Secret with the credentials, in the resource's namespace. Defaults to workload identity."""
    namespaces: tuple[Name, ...] = ()
    """Namespaces that can use the store. Defaults to all namespaces."""


class Images(Spec):
    """Images of the pods that the operator starts."""

    training: ImageReference
    """Image of snapshot and training Jobs."""
    server: ImageReference
    """Image of the model server for compiled versions."""
    server_sklearn: ImageReference
    """Image of the model server for versions that need scikit-learn."""

    def server_of(self, tier: Tier) -> ImageReference:
        """Return the image that serves this tier."""
        return self.server if tier is Tier.COMPILED else self.server_sklearn


class SeriesLabels(Spec):
    """Names of the labels that a scrape adds to every series."""

    namespace: LabelName = "namespace"
    """Label with the namespace of the pod."""
    pod: LabelName = "pod"
    """Label with the name of the pod."""


class PrometheusServer(Spec):
    """A Prometheus server that scrapes the model servers."""

    url: Annotated[str, Field(max_length=512, pattern=r"^https?://[^?#\s]+$")]
    """URL of the server, with its path prefix if it has one."""
    token_file: Annotated[str, Field(max_length=512, pattern=r"^/")] | None = None
    """File with a bearer token, in the container of the operator."""
    labels: SeriesLabels = SeriesLabels()
    """Names of the labels that a scrape adds to every series."""


class Prometheus(Spec):
    """Prometheus servers that the operator reads."""

    default: PrometheusServer | None = None
    """Server for all namespaces. Without it, rollouts have no gates."""


class Limits(Spec):
    """Limits of the operator."""

    jobs_per_namespace: Annotated[int, Field(ge=1, le=1000)] = 10
    """Maximum number of Jobs that run at the same time in one namespace."""
    queries_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    """Maximum number of queries to Prometheus in a minute."""


class Pauses(Spec):
    """Waiting times of the operator."""

    first_retry: Duration = "30s"
    """Delay before a failed Job is retried. Doubles with every attempt."""
    longest_retry: Duration = "1h"
    """Maximum delay between two attempts."""
    job_history: Duration = "1h"
    """How long a finished Job is kept after its report has been recorded."""
    drain: Duration = "15s"
    """How long a replaced revision keeps serving after its traffic has moved."""
    route: Duration = "30s"
    """How long a Gateway without a readable address has for new weights after it accepted them."""
    resync: Duration = "10m"
    """Interval between two full comparisons with the API server."""


class Lease(Spec):
    """Leader election between replicas of the operator."""

    enabled: bool = True
    """Whether leader election is used. Without it, only one replica may run."""
    name: Name = "perennial-operator"
    """Name of the Lease."""
    namespace: Name = "perennial-system"
    """Namespace of the Lease."""
    duration_seconds: Annotated[int, Field(ge=2, le=300)] = 15
    """Seconds after its last renewal until another replica may take over the lease."""
    renew_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """Seconds for which the leader tries to renew the lease before it stops."""
    retry_seconds: Annotated[int, Field(ge=1, le=60)] = 2
    """Seconds between two attempts to acquire or renew the lease."""


class Configuration(Spec):
    """The configuration file."""

    stores: Annotated[dict[Name, Store], Field(min_length=1, max_length=64)]
    """Object stores that resources can use, by name."""
    images: Images
    """Images of the pods that the operator starts."""
    prometheus: Prometheus = Prometheus()
    """Prometheus servers that the operator reads."""
    limits: Limits = Limits()
    """Limits of the operator."""
    pauses: Pauses = Pauses()
    """Waiting times of the operator."""
    lease: Lease = Lease()
    """Leader election between replicas of the operator."""
    watch_namespaces: tuple[Name, ...] = ()
    """Namespaces that the operator watches. Defaults to all namespaces."""
    image_pull_policy: Annotated[str, Field(pattern=r"^(Always|IfNotPresent|Never)$")] = (
        "IfNotPresent"
    )
    """Pull policy of the images."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port of /healthz, /readyz and /metrics."""
