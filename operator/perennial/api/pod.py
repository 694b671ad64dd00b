"""Settings of the pods of Jobs and servers; none of them changes the trained model."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.scalars import Duration, ObjectName, Quantity, Word
from perennial.api.schema import Rule, Spec, list_map, matching, rules

LabelKey = Annotated[
    str,
    matching(
        r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
        253,
        "a label key is a name such as team, optionally with a prefix such as example.com/team",
    ),
]
LabelValue = Annotated[
    str,
    matching(
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
        63,
        "a label value contains letters, digits, '-', '_' and '.', and starts and ends with "
        "a letter or digit",
    ),
]
ResourceName = Annotated[
    str,
    matching(
        r"^(cpu|memory|ephemeral-storage|hugepages-[A-Za-z0-9]+|[-a-z0-9.]+/[-A-Za-z0-9_.]+)$",
        253,
        "a resource is cpu, memory or ephemeral-storage, or has a prefix such as example.com/gpu",
    ),
]
Amounts = Annotated[dict[ResourceName, Quantity], Field(max_length=8)]


class Resources(Spec):
    """Compute resources of a container."""

    model_config = rules(
        Rule(
            "!has(self.requests) || !has(self.limits) || self.requests.all(name, "
            "!(name in self.limits) || quantity(string(self.requests[name]))"
            ".compareTo(quantity(string(self.limits[name]))) <= 0)",
            "requests must not exceed limits: lower the request or raise the limit",
        )
    )

    requests: Amounts | None = None
    """Minimum resources, by name, such as cpu and memory."""
    limits: Amounts | None = None
    """Maximum resources, by name."""


class Toleration(Spec):
    """A node taint that the pod tolerates."""

    model_config = rules(
        Rule(
            "self.operator == 'Equal' || !has(self.value)",
            "value requires operator: Equal; remove value, or set operator: Equal",
        ),
        Rule(
            "self.operator == 'Exists' || has(self.key)",
            "operator: Equal requires a key; set key, or operator: Exists to tolerate every taint",
        ),
    )

    key: LabelKey | None = None
    """Key of the taint. If not set, operator must be Exists, which matches every taint."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """Equal compares key and value; Exists compares the key only."""
    value: LabelValue | None = None
    """Value of the taint."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint. Defaults to every effect."""


class PullSecret(Spec):
    """A Secret in the same namespace for pulling images."""

    name: ObjectName
    """Name of the Secret."""


class Pod(Spec):
    """Placement and identity of pods."""

    model_config = rules(
        Rule(
            "!has(self.labels) || self.labels.all(key, !key.contains('perennial.dev/') "
            "&& !key.startsWith('app.kubernetes.io/'))",
            "labels with the prefixes perennial.dev/ and app.kubernetes.io/ are reserved: "
            "choose another prefix",
        )
    )

    service_account_name: ObjectName | None = None
    """ServiceAccount of the pods. With workload identity, it grants access to the object store."""
    image_pull_secrets: Annotated[tuple[PullSecret, ...], Field(max_length=8), list_map()] = ()
    """Secrets for pulling images."""
    node_selector: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] | None = None
    """Labels that a node must have."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16)] = ()
    """Taints that the pods tolerate."""
    labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] | None = None
    """Additional labels of the pods."""


class JobRun(Spec):
    """Settings of a Job. A change does not repeat completed work."""

    resources: Resources = Resources()
    """Compute resources of the container that does the work."""
    deadline: Duration = "1h"
    """Maximum duration of one attempt."""
    pod: Pod = Pod()
    """Placement and identity of the pod."""


class Owner(Spec):
    """Team that is responsible for the object."""

    team: Word
    """Name of the team."""
    contact: Word | None = None
    """Contact of the team, such as an e-mail address or a chat channel."""
