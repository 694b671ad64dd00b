"""How the pods of a Job or of a server run: nothing in here changes what is learned."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.scalars import Duration, ObjectName, Quantity, Word
from perennial.api.schema import Rule, Spec, list_map, matching, rules

LabelKey = Annotated[
    str,
    matching(
        r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
        253,
        "a label's key is a name such as team, or has a prefix such as example.com/team",
    ),
]
LabelValue = Annotated[
    str,
    matching(
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
        63,
        "a label's value holds letters, digits, '-', '_' and '.', and begins and ends with "
        "a letter or digit",
    ),
]
ResourceName = Annotated[
    str,
    matching(
        r"^(cpu|memory|ephemeral-storage|hugepages-[A-Za-z0-9]+|[-a-z0-9.]+/[-A-Za-z0-9_.]+)$",
        253,
        "resources are cpu, memory, ephemeral-storage, or have a prefix such as example.com/gpu",
    ),
]
Amounts = Annotated[dict[ResourceName, Quantity], Field(max_length=8)]


class Resources(Spec):
    """Compute resources of a container, as Kubernetes counts them."""

    model_config = rules(
        Rule(
            "!has(self.requests) || !has(self.limits) || self.requests.all(name, "
            "!(name in self.limits) || quantity(string(self.requests[name]))"
            ".compareTo(quantity(string(self.limits[name]))) <= 0)",
            "requests must not exceed limits: lower the one or raise the other",
        )
    )

    requests: Amounts | None = None
    """What is reserved, by resource name, such as cpu and memory."""
    limits: Amounts | None = None
    """What is never exceeded, by resource name."""


class Toleration(Spec):
    """A node taint that the pod accepts."""

    model_config = rules(
        Rule(
            "self.operator == 'Equal' || !has(self.value)",
            "value is compared only by operator: Equal; remove value, or set operator: Equal",
        ),
        Rule(
            "self.operator == 'Exists' || has(self.key)",
            "operator: Equal needs a key; set key, or set operator: Exists to accept every taint",
        ),
    )

    key: LabelKey | None = None
    """Key of the taint; absent together with operator Exists matches every taint."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """How key and value are compared."""
    value: LabelValue | None = None
    """Value of the taint."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint; absent matches every effect."""


class PullSecret(Spec):
    """A Secret of this namespace that opens an image registry."""

    name: ObjectName
    """Name of the Secret."""


class Pod(Spec):
    """Where pods run and under which identity."""

    model_config = rules(
        Rule(
            "!has(self.labels) || self.labels.all(key, !key.contains('perennial.dev/') "
            "&& !key.startsWith('app.kubernetes.io/'))",
            "labels with the prefixes perennial.dev/ and app.kubernetes.io/ are set by Perennial: "
            "choose another prefix",
        )
    )

    service_account_name: ObjectName | None = None
    """ServiceAccount of the pods; with workload identity it opens the bucket."""
    image_pull_secrets: Annotated[tuple[PullSecret, ...], Field(max_length=8), list_map()] = ()
    """Secrets that open the image registries."""
    node_selector: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] | None = None
    """Labels that a node must have."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16)] = ()
    """Taints that the pods accept."""
    labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] | None = None
    """Further labels of the pods."""


class JobRun(Spec):
    """How a Job runs; changing it repeats nothing that is done."""

    resources: Resources = Resources()
    """Compute resources of the container that does the work."""
    deadline: Duration = "1h"
    """Longest time that one attempt may take."""
    pod: Pod = Pod()
    """Where the pod runs and under which identity."""


class Owner(Spec):
    """Who answers for the object."""

    team: Word
    """The team."""
    contact: Word | None = None
    """Where the team is reached: an address, a channel."""
