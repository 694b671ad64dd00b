"""The chart's values: one source for values.yaml, its schema and the table in its README."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import JsonValue

from perennial.api.configuration import Lease, Limits, Pauses, Prometheus, Store
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
    """Images of the pods that the operator starts."""

    training: ImageText = ""
    """Image of snapshot and training Jobs. Defaults to perennial-job at the chart's version."""
    server: ImageText = ""
    """Model server for compiled versions. Defaults to perennial-server at the chart's version."""
    server_sklearn: ImageText = ""
    """Model server for versions that need scikit-learn. Defaults to perennial-server-sklearn."""


class LeaseTimes(Spec):
    """Leader election between replicas of the operator."""

    duration_seconds: Annotated[int, Field(ge=2, le=300)] = _DEFAULTS.duration_seconds
    """Seconds after its last renewal until another replica may take over the lease."""
    renew_seconds: Annotated[int, Field(ge=1, le=300)] = _DEFAULTS.renew_seconds
    """Seconds for which the leader tries to renew the lease before it stops."""
    retry_seconds: Annotated[int, Field(ge=1, le=60)] = _DEFAULTS.retry_seconds
    """Seconds between two attempts to acquire or renew the lease."""


class Crds(Spec):
    """The CustomResourceDefinitions."""

    install: bool = True
    """Install and upgrade them with the chart."""
    keep: bool = True
    """Keep them, and with them every resource, when the chart is uninstalled."""


class Rbac(Spec):
    """Roles of the operator and of users."""

    create: bool = True
    """Create the operator's ClusterRole, or a Role in each of watchNamespaces."""
    aggregate: bool = True
    """Add the resources to the ClusterRoles view, edit and admin."""


class Decisions(Spec):
    """Decisions of people about rollouts."""

    policies: bool = True
    """Install the admission policies of Decisions. Without them, the operator refuses Decisions."""


class ServiceAccount(Spec):
    """ServiceAccount of the operator."""

    create: bool = True
    """Create the ServiceAccount."""
    name: OptionalName = ""
    """Name of the ServiceAccount. Defaults to the name of the release."""
    annotations: Annotations
    """Annotations of the ServiceAccount."""


class DisruptionBudget(Spec):
    """PodDisruptionBudget of the operator."""

    enabled: bool = True
    """Create a PodDisruptionBudget that allows one unavailable pod."""


class ServiceMonitor(Spec):
    """ServiceMonitor of the operator, for the Prometheus Operator."""

    enabled: bool = False
    """Create a ServiceMonitor. Its CustomResourceDefinition must be installed."""
    interval: Duration = "30s"
    """Scrape interval."""
    labels: Labels
    """Additional labels, such as the one that your Prometheus selects."""


class PodMonitor(Spec):
    """PodMonitor of the model servers, for the Prometheus Operator."""

    enabled: bool = False
    """Create a PodMonitor. Its CustomResourceDefinition must be installed."""
    interval: Duration = "15s"
    """Scrape interval."""
    labels: Labels
    """Additional labels, such as the one that your Prometheus selects."""


class NetworkPolicy(Spec):
    """NetworkPolicy of the operator."""

    enabled: bool = False
    """Create a NetworkPolicy: metrics and probes in; DNS, the API server and model servers out."""
    api_server_ports: Annotated[tuple[Port, ...], Field(min_length=1)] = (443, 6443)
    """Ports of the API server."""
    gateway_ports: tuple[Port, ...] = (80, 443)
    """Ports on which the pods of Gateways listen. They receive probes after a shift of traffic."""
    prometheus_ports: tuple[Port, ...] = (9090,)
    """Ports on which Prometheus listens. Opened only if prometheus.default is set."""


class Values(Spec):
    """Values of the chart."""

    image: ImageText = ""
    """The operator's image. Defaults to perennial-operator at the chart's version."""
    images: StartedImages = StartedImages()
    """Images of the pods that the operator starts, by tag or digest."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """Pull policy of all these images."""
    image_pull_secrets: tuple[PullSecret, ...] = ()
    """Secrets for pulling the operator's image."""
    fullname_override: Annotated[OptionalName, Field(max_length=53)] = ""
    """Name of the operator's own objects. Defaults to the name of the release."""
    replicas: Annotated[int, Field(ge=0, le=10)] = 2
    """Number of operator pods. One is active, the others stand by."""
    stores: Annotated[dict[Name, Store], Field(default_factory=dict, max_length=64)]
    """Object stores that resources can use, by name. At least one is required."""
    prometheus: Prometheus = Prometheus()
    """Prometheus servers that the operator reads. Rollouts have gates only with one."""
    limits: Limits = Limits()
    """Limits of the operator."""
    pauses: Pauses = Pauses()
    """Waiting times of the operator."""
    lease: LeaseTimes = LeaseTimes()
    """Leader election between replicas of the operator."""
    watch_namespaces: tuple[Name, ...] = ()
    """Namespaces to watch, which must exist. Defaults to all namespaces."""
    crds: Crds = Crds()
    """The CustomResourceDefinitions."""
    rbac: Rbac = Rbac()
    """Roles of the operator and of users."""
    decisions: Decisions = Decisions()
    """Decisions of people about rollouts."""
    service_account: ServiceAccount = ServiceAccount()
    """ServiceAccount of the operator."""
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
    extra_volumes: tuple[dict[str, JsonValue], ...] = ()
    """Additional volumes of the operator's pods, such as one with a token for Prometheus."""
    extra_volume_mounts: tuple[dict[str, JsonValue], ...] = ()
    """Mounts of these volumes in the operator's container."""
    pod_labels: Labels
    """Additional labels of the operator's pods."""
    pod_annotations: Annotations
    """Additional annotations of the operator's pods."""
    priority_class_name: Annotated[str, Field(max_length=253)] = ""
    """PriorityClass of the operator's pods."""
    node_selector: Labels
    """Node selector of the operator's pods."""
    tolerations: tuple[dict[str, JsonValue], ...] = ()
    """Tolerations of the operator's pods."""
    affinity: Free
    """Affinity of the operator's pods."""
    topology_spread_constraints: tuple[dict[str, JsonValue], ...] = ()
    """Topology spread of the operator's pods. Defaults to spreading over nodes, if possible."""
    pod_disruption_budget: DisruptionBudget = DisruptionBudget()
    """PodDisruptionBudget of the operator."""
    service_monitor: ServiceMonitor = ServiceMonitor()
    """ServiceMonitor of the operator, for the Prometheus Operator."""
    pod_monitor: PodMonitor = PodMonitor()
    """PodMonitor of the model servers, for the Prometheus Operator."""
    network_policy: NetworkPolicy = NetworkPolicy()
    """NetworkPolicy of the operator."""
