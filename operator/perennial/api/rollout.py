"""How new revisions of a ModelDeployment reach users: strategy, steps and route."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.analysis import Analysis
from perennial.api.scalars import Duration, Name, ObjectName
from perennial.api.schema import Rule, Spec, matching, rules, validations

Strategy = Literal["Canary", "BlueGreen", "Immediate"]

Weight = Annotated[int, Field(ge=0, le=100)]
"""A share of the traffic in percent."""

Hostname = Annotated[
    str,
    matching(
        r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        253,
        "write a DNS name in lower case, such as flights.example.com or *.example.com",
    ),
]

PathPrefix = Annotated[
    str,
    matching(
        r"^(/[A-Za-z0-9._~-]+)+$",
        256,
        "write a path that starts with '/' and does not end with it, such as /delay",
        Rule("!self.split('/').exists(part, part in ['.', '..'])", "a path must not contain '..'"),
    ),
]


class Pause(Spec):
    """A wait before the next step."""

    model_config = rules(
        Rule("has(self.for) != has(self.until)", "state one of: for (a duration), until (Decision)")
    )

    for_: Annotated[Duration | None, Field(alias="for")] = None
    """Duration of the pause. It starts when the traffic of the step is proven to have moved."""
    until: Literal["Decision"] | None = None
    """Event that ends the pause: a Decision with the verdict Resume, or Promote."""


class RolloutStep(Spec):
    """One step of a canary rollout."""

    weight: Annotated[int, Field(ge=1, le=99)]
    """Share of the traffic that the new revision receives, in percent."""
    pause: Pause | None = None
    """Wait before the next step."""


Steps = Annotated[
    tuple[RolloutStep, ...],
    Field(
        max_length=10,
        json_schema_extra=validations(
            Rule(
                "self.map(step, step.weight).isSorted() && "
                "self.all(step, self.exists_one(other, other.weight == step.weight))",
                "each step needs a higher weight than the step before it",
            )
        ),
    ),
]


class Watch(Spec):
    """Watch over a revision that has all traffic, while the former one stays ready to return."""

    duration: Duration
    """Time for which the former revision keeps its pods."""
    holdback_percent: Annotated[int, Field(ge=0, le=20)] = 0
    """Share of the traffic that the former revision keeps, for comparison. Needs a route."""


class Rollout(Spec):
    """Rollout of new revisions."""

    model_config = rules(
        Rule(
            "!has(self.steps) || self.steps.size() == 0 || !has(self.strategy) || "
            "self.strategy == 'Canary'",
            "steps belong to the strategy Canary: set strategy to Canary, or remove steps",
        ),
        Rule(
            "!has(self.analysis) || !has(self.strategy) || self.strategy == 'Canary'",
            "analysis belongs to the strategy Canary: set strategy to Canary, or remove analysis",
        ),
        Rule(
            "!has(self.watch) || !has(self.strategy) || self.strategy != 'Immediate'",
            "watch belongs to Canary and BlueGreen: change strategy, or remove watch",
        ),
    )

    strategy: Strategy | None = None
    """Canary shifts traffic in steps. Defaults to it with Prometheus, and to Immediate without."""
    steps: Steps = ()
    """Steps of a canary, with increasing weights. With Prometheus they default to 5, 25 and 50."""
    analysis: Analysis | None = None
    """Gates that each step of a canary must pass. With Prometheus, all of them by default."""
    watch: Watch | None = None
    """Watch after all traffic has moved, for Canary and BlueGreen. Defaults to none."""
    keep: Annotated[int, Field(ge=0, le=10)] = 3
    """Maximum number of former revisions that Canary and BlueGreen keep without pods."""
    progress_deadline: Duration = "10m"
    """Maximum time for new pods to become ready before the rollout is reported as stalled."""


class ParentReference(Spec):
    """A Gateway, of any namespace whose Gateways accept routes from here."""

    name: ObjectName
    """Name of the Gateway."""
    namespace: Name | None = None
    """Namespace of the Gateway. Defaults to that of the ModelDeployment."""
    section_name: ObjectName | None = None
    """Listener of the Gateway. Defaults to all its listeners."""


class Route(Spec):
    """An HTTPRoute through which the model is reached from outside the cluster."""

    parent_ref: ParentReference
    """Gateway that the route belongs to."""
    hostnames: Annotated[tuple[Hostname, ...], Field(max_length=16)] = ()
    """Host names of the model. Defaults to those of the Gateway's listeners."""
    path_prefix: PathPrefix | None = None
    """Path under which the model is reached. It is removed before a request is forwarded."""
