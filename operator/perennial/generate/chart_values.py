"""The chart's values: one source for values.yaml, its schema and the table in its README."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import JsonValue

from perennial.api.configuration import Lease, Limits, Pauses, Store
from perennial.api.pod import LabelKey, LabelValue, PullSecret
from perennial.api.scalars import Duration, Name
from perennial.api.schema import Spec

ImageText = Annotated[str, Field(max_length=512, pattern=r"^[^\s]*$")]
Free = Annotated[dict[str, JsonValue], Field(default_factory=dict)]
Labels = Annotated[dict[LabelKey, LabelValue], Field(default_factory=dict)]
Annotations = Annotated[dict[LabelKey, str], Field(default_factory=dict)]
Port = Annotated[int, Field(ge=1, le=65535)]
OptionalName = Annotated[str, Field(max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")]

_DEFAULTS = Lease()


class StartedImages(Spec):
    """Images that the operator starts."""

    training: ImageText = ""
    """Runs snapshot and training Jobs; empty: perennial-job of the chart's version."""
    server: ImageText = ""
    """Answers predictions of compiled versions; empty: perennial-server of the chart's version."""
    server_sklearn: ImageText = ""
    """Answers predictions of versions that need scikit-learn; empty: perennial-server-sklearn."""


class LeaseTimes(Spec):
    """How replicas of the operator agree on one leader."""

    duration_seconds: Annotated[int, Field(ge=2, le=300)] = _DEFAULTS.duration_seconds
    """How long a silent leader keeps the lead."""
    renew_seconds: Annotated[int, Field(ge=1, le=300)] = _DEFAULTS.renew_seconds
    """How long the leader tries to renew before it gives up."""
    retry_seconds: Annotated[int, Field(ge=1, le=60)] = _DEFAULTS.retry_seconds
    """Time between two attempts."""


class Crds(Spec):
    """The CustomResourceDefinitions."""

    install: bool = True
    """Install and upgrade them with the chart."""
    keep: bool = True
    """Leave them, and with them every resource, when the chart is uninstalled."""


class Rbac(Spec):
    """Roles."""

    create: bool = True
    """Make the operator's own roles: for all namespaces, or one in each of watchNamespaces."""
    aggregate: bool = True
    """Add the resources to the cluster's roles view and edit."""


class ServiceAccount(Spec):
    """The operator's identity."""

    create: bool = True
    """Make the ServiceAccount."""
    name: OptionalName = ""
    """Its name; empty: as the release."""
    annotations: Annotations
    """Annotations of the ServiceAccount."""


class DisruptionBudget(Spec):
    """How many of the operator's pods may be away at once."""

    enabled: bool = True
    """Allow one pod at a time to be moved."""


class ServiceMonitor(Spec):
    """Scraping by the Prometheus operator."""

    enabled: bool = False
    """Make a ServiceMonitor; its CustomResourceDefinition must be installed."""
    interval: Duration = "30s"
    """Time between two scrapes."""
    labels: Labels
    """Further labels, such as the one that your Prometheus selects by."""


class NetworkPolicy(Spec):
    """What may reach the operator, and what it may reach."""

    enabled: bool = False
    """Allow metrics and probes in; names, the API server and model servers out."""
    api_server_ports: Annotated[tuple[Port, ...], Field(min_length=1)] = (443, 6443)
    """Ports of the API server."""


class Values(Spec):
    """Every value of the chart."""

    image: ImageText = ""
    """The operator's image, by tag or digest; empty: perennial-operator of the chart's version."""
    images: StartedImages = StartedImages()
    """Images that the operator starts, by tag or digest."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When nodes pull all these images."""
    image_pull_secrets: tuple[PullSecret, ...] = ()
    """Secrets that open the registry of the operator's image."""
    fullname_override: Annotated[OptionalName, Field(max_length=53)] = ""
    """Name of the operator's own objects; empty: as the release."""
    replicas: Annotated[int, Field(ge=0, le=10)] = 2
    """Pods of the operator: one works, the others stand by."""
    stores: Annotated[dict[Name, Store], Field(default_factory=dict, max_length=64)]
    """Object stores that resources may name; at least one is needed."""
    limits: Limits = Limits()
    """What a namespace may use at once."""
    pauses: Pauses = Pauses()
    """How long the operator waits."""
    lease: LeaseTimes = LeaseTimes()
    """How replicas agree on one leader."""
    watch_namespaces: tuple[Name, ...] = ()
    """Namespaces to look after, which must exist; empty: all."""
    crds: Crds = Crds()
    """The CustomResourceDefinitions."""
    rbac: Rbac = Rbac()
    """Roles."""
    service_account: ServiceAccount = ServiceAccount()
    """The operator's identity."""
    resources: Annotated[
        dict[str, JsonValue],
        Field(
            default={
                "requests": {"cpu": "100m", "memory": "128Mi"},
                "limits": {"memory": "512Mi"},
            }
        ),
    ]
    """Compute resources of the operator."""
    pod_labels: Labels
    """Further labels of the operator's pods."""
    pod_annotations: Annotations
    """Further annotations of the operator's pods."""
    priority_class_name: Annotated[str, Field(max_length=253)] = ""
    """Priority of the operator's pods."""
    node_selector: Labels
    """Labels that a node must have."""
    tolerations: tuple[dict[str, JsonValue], ...] = ()
    """Taints that the operator's pods accept."""
    affinity: Free
    """Where the operator's pods like to be."""
    topology_spread_constraints: tuple[dict[str, JsonValue], ...] = ()
    """How the operator's pods are spread; empty: over nodes, if possible."""
    pod_disruption_budget: DisruptionBudget = DisruptionBudget()
    """How many of the operator's pods may be away at once."""
    service_monitor: ServiceMonitor = ServiceMonitor()
    """Scraping by the Prometheus operator."""
    network_policy: NetworkPolicy = NetworkPolicy()
    """What may reach the operator, and what it may reach."""
