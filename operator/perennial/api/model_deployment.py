"""ModelDeployment: serving a version, and how a new one reaches the users."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.pod import Pod, Resources
from perennial.api.scalars import Duration, Generation, Name, Time
from perennial.api.schema import Rule, Spec, Status, matching

LATEST = "Latest"

Revision = Annotated[str, Field(max_length=10, pattern=r"^[0-9a-f]{10}$")]
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
    """Which version of which Model is served."""

    name: Name
    """Name of the Model."""
    version: VersionName = LATEST
    """Name of a ModelVersion, or Latest: of the current inputs if Ready, else the newest Ready."""


class Server(Spec):
    """The pods that answer; a change is rolled out like a new version."""

    resources: Resources = Resources(
        requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "1Gi"}
    )
    """Compute resources of the server's container."""
    pod: Pod = Pod()
    """Where the pods run and under which identity."""
    workers: Annotated[int, Field(ge=1, le=64)] | None = None
    """Processes in each pod; absent: as many as its CPU limit, one without a limit."""
    out_of_contract: Literal["Answer", "Refuse"] = "Answer"
    """What a row gets that the Dataset's contract does not allow: an answer, or status 422."""


class Rollout(Spec):
    """How a new revision takes over."""

    strategy: Literal["Immediate"] = "Immediate"
    """Immediate: all traffic at once, after the new pods have proven themselves."""
    progress_deadline: Duration = "10m"
    """How long new pods may take before the rollout counts as stalled."""


class ModelDeploymentSpec(Spec):
    """What is served, by how many, and how it changes."""

    model: ServedModel
    """What is served."""
    replicas: Annotated[int, Field(ge=0, le=1000)] = 2
    """How many pods answer; an autoscaler may write it through the scale subresource."""
    server: Server = Server()
    """The pods that answer."""
    rollout: Rollout = Rollout()
    """How a new revision takes over."""
    paused: bool = False
    """Keep serving what is served; begin no rollout and go no further with one."""


class RevisionStatus(Status):
    """One revision: a ModelVersion with a server configuration."""

    version: Name
    """Name of the ModelVersion."""
    revision: Revision
    """Identity of version and server configuration."""
    replicas: Pods
    """How many pods there are."""
    ready: Pods
    """How many of them have verified themselves and answer."""
    since: Time
    """When it became stable, or when its rollout began."""


class Rolled(Status):
    """A rollout that ended."""

    version: Name
    """The version that took over."""
    revision: Revision
    """The revision that took over."""
    at: Time
    """When all traffic was its own."""


class Address(Status):
    """Where the model answers."""

    url: Annotated[str, Field(max_length=512)]
    """Address inside the cluster."""


class ModelDeploymentStatus(Status):
    """What the operator knows about a ModelDeployment."""

    observed_generation: Generation = -1
    """The newest generation of the spec that this status speaks of."""
    stable: RevisionStatus | None = None
    """The revision that users rely on."""
    candidate: RevisionStatus | None = None
    """The revision that is being rolled out."""
    history: Annotated[tuple[Rolled, ...], Field(max_length=10)] = ()
    """The newest rollouts, newest first."""
    address: Address | None = None
    """Where the model answers."""
    replicas: Pods = 0
    """Pods of all revisions, for the scale subresource."""
    selector: Annotated[str, Field(max_length=256)] | None = None
    """Label selector of the pods, for the scale subresource."""
    conditions: Conditions = ()
    """Ready, Available, Reconciling, Stalled, Degraded."""
