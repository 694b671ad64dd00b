"""Everything that the decision about a ModelDeployment may depend on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from perennial.api.configuration import Configuration
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import (
    ModelDeploymentSpec,
    ModelDeploymentStatus,
)
from perennial.planning.decision.decision import Decision
from perennial.planning.model_deployment.question import Answer
from perennial.planning.model_deployment.revision import Child, Running
from perennial.planning.model_version.version import Version


@dataclass(frozen=True, slots=True)
class RouteSeen:
    """The HTTPRoute as it stands."""

    uid: str
    weights: Mapping[str, int]
    """By revision."""
    marker: str | None
    """The digest that its marker rule names."""
    is_accepted: bool = False
    """Whether the Gateway accepted this generation of the route."""
    is_probed: bool = True
    """Whether the Gateway has an address that can be probed."""
    problem: str = ""
    """The message of the Gateway's controller about what is wrong with the route."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    namespace: str
    generation: int
    spec: ModelDeploymentSpec
    status: ModelDeploymentStatus
    configuration: Configuration
    model: ModelStatus | None
    versions: tuple[Version, ...]
    running: Mapping[str, Running]
    """By revision."""
    children: tuple[Child, ...]
    in_rotation: str | None
    """The revision that the address Service selects."""
    answers: bool
    """Whether the address answered just now; probed only until it has answered once."""
    now: datetime
    stable_mark: str | None = None
    """The stable revision by the mark on the address Service, which outlives a shared selector."""
    serves_routes: bool = False
    """Whether the API server serves HTTPRoute."""
    route: RouteSeen | None = None
    autoscaler: str | None = None
    """The uid of the autoscaler."""
    shift_seen: str | None = None
    """The marker that every probe of the Gateway saw just now."""
    expression_problem: str | None = None
    """Why a PromQL expression of the spec is refused."""
    decisions: tuple[Decision, ...] = ()
    """Decisions about this object, of any age."""
    created_at: datetime | None = None
    """When this object was created: older Decisions were about another one of its name."""
    answer: Answer | None = None
    """What the evidence of the rollout says; it may answer an earlier question."""
