"""ModelDeployment: serves one version of a Model, and rolls out new ones."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.pod import Pod, Resources
from perennial.api.rollout import Rollout, Route, Strategy, Weight
from perennial.api.rollout_status import (
    DecisionRecord,
    RejectedRevision,
    Revision,
    RolloutStatus,
    ShiftStatus,
)
from perennial.api.scalars import Generation, Name, Time
from perennial.api.schema import Rule, Spec, Status, matching, rules

LATEST = "Latest"

Pods = Annotated[int, Field(ge=0, le=2**31 - 1)]
VersionName = Annotated[
    str,
    matching(
        r"^(Latest|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$",
        63,
        "write Latest, or the name of a ModelVersion",
        Rule("self != 'latest'", "write Latest with a capital letter"),
    ),
]


class ServedModel(Spec):
    """Model and version to serve."""

    name: Name
    """Name of the Model."""
    version: VersionName = LATEST
    """A ModelVersion, or Latest: that of the current inputs if Ready, else the newest Ready."""


class Server(Spec):
    """Settings of the server pods. A change is rolled out like a new version."""

    resources: Resources = Resources(
        requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "1Gi"}
    )
    """Compute resources of the server container."""
    pod: Pod = Pod()
    """Placement and identity of the pods."""
    workers: Annotated[int, Field(ge=1, le=64)] | None = None
    """Number of processes in each pod. Defaults to the CPU limit, or 1 without one."""
    out_of_contract: Literal["Answer", "Refuse"] = "Answer"
    """Handling of rows that violate the Dataset's contract: predict them, or return status 422."""


class Autoscaling(Spec):
    """HorizontalPodAutoscaler that sets `replicas` by the CPU use of all pods."""

    model_config = rules(
        Rule("self.min <= self.max", "max must not be below min: raise max, or lower min")
    )

    min: Annotated[int, Field(ge=1, le=1000)] = 2
    """Minimum number of pods."""
    max: Annotated[int, Field(ge=1, le=1000)]
    """Maximum number of pods."""
    target_cpu: Annotated[int, Field(ge=1, le=100, alias="targetCPU")] = 70
    """CPU use in percent of the request, at which no pod is added or removed."""


class ModelDeploymentSpec(Spec):
    """Desired serving of a Model."""

    model: ServedModel
    """Model and version to serve."""
    replicas: Annotated[int, Field(ge=0, le=1000)] = 2
    """Number of pods. An autoscaler can set it through the scale subresource."""
    autoscaling: Autoscaling | None = None
    """Autoscaler of the pods. Leave `replicas` out of the manifest with it."""
    server: Server = Server()
    """Settings of the server pods."""
    route: Route | None = None
    """Route through a Gateway. Defaults to none: the model is reached inside the cluster only."""
    rollout: Rollout = Rollout()
    """Rollout of new revisions."""
    paused: bool = False
    """Keep serving the current revision, and do not start or continue a rollout."""


class RevisionStatus(Status):
    """A revision: a ModelVersion with server settings and an image."""

    version: Name
    """Name of the ModelVersion."""
    revision: Revision
    """Short digest of the version, the server settings and the image."""
    replicas: Pods
    """Number of pods."""
    ready: Pods
    """Number of pods that have passed their self-check and are ready."""
    weight: Weight | None = None
    """Share of the traffic in percent."""
    since: Time
    """Time at which it became stable, at which its rollout started, or at which it was replaced."""


class Rolled(Status):
    """A completed rollout."""

    version: Name
    """Name of the ModelVersion that took over."""
    revision: Revision
    """Digest of the revision that took over."""
    at: Time
    """Time at which it received all traffic."""


class Address(Status):
    """Address of the served model."""

    url: Annotated[str, Field(max_length=512)]
    """URL inside the cluster."""


class ModelDeploymentStatus(Status):
    """Observed state of a ModelDeployment."""

    observed_generation: Generation = -1
    """Newest generation of the spec that this status reflects. -1 before the first visit."""
    stable: RevisionStatus | None = None
    """Revision that receives the traffic."""
    candidate: RevisionStatus | None = None
    """Revision that is being rolled out."""
    former: RevisionStatus | None = None
    """Revision that was stable before. It can return without steps as long as it is kept."""
    strategy: Strategy | None = None
    """Rollout strategy in force."""
    rollout: RolloutStatus | None = None
    """Rollout in progress, of the strategies Canary and BlueGreen, or through a route."""
    shift: ShiftStatus | None = None
    """Last change of the weights in the route."""
    rejected: Annotated[tuple[RejectedRevision, ...], Field(max_length=10)] = ()
    """Revisions that failed their rollout. They get no traffic again unless a person decides."""
    overridden: Revision | None = None
    """Revision whose next rollout has gates that only inform, by a Decision."""
    history: Annotated[tuple[Rolled, ...], Field(max_length=10)] = ()
    """Most recent rollouts, newest first."""
    decisions: Annotated[tuple[DecisionRecord, ...], Field(max_length=10)] = ()
    """Most recent Decisions about the rollouts, newest first."""
    address: Address | None = None
    """Address of the served model."""
    replicas: Pods = 0
    """Number of pods of all revisions, for the scale subresource."""
    selector: Annotated[str, Field(max_length=256)] | None = None
    """Label selector of the pods, for the scale subresource."""
    conditions: Conditions = ()
    """Conditions of types Ready, Available, Reconciling, Stalled and Degraded."""
