"""What the API server holds about a ModelDeployment, as the verbs read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from perennial.api.conditions import Condition
from perennial.api.decision import DecisionStatus
from perennial.api.kinds import DECISION, MODEL_DEPLOYMENT
from perennial.api.manifest import Manifest
from perennial.api.model_deployment import ModelDeploymentStatus, RevisionStatus
from perennial.api.rollout_status import RejectedRevision
from perennial.api.schema import Status
from perennial.api.times import to_datetime
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Kubectl

_EVENTS: Final = 8

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A ModelDeployment."""

    name: str
    namespace: str
    uid: str
    generation: int
    is_deleted: bool
    is_paused: bool
    """Whether its spec holds rollouts."""
    status: ModelDeploymentStatus

    @property
    def is_observed(self) -> bool:
        """Whether the status reflects the newest spec."""
        return self.status.observed_generation == self.generation

    def condition(self, kind: str) -> Condition | None:
        """Return the condition of a type, if it is reported."""
        return next((each for each in self.status.conditions if each.type == kind), None)

    def true(self, kind: str) -> Condition | None:
        """Return the condition of a type if its status is True."""
        found = self.condition(kind)
        return found if found and found.status == "True" else None

    def candidate(self) -> RevisionStatus:
        """Return the revision that is being rolled out; it is an error if there is none."""
        if found := self.status.candidate:
            return found
        serving = self.status.stable
        state = f"{serving.version} has all traffic" if serving else "no revision serves yet"
        raise CliError(f"{self.name} rolls out nothing: {state}")

    def rejected(self, revision: str | None) -> RejectedRevision:
        """Return a rejected revision, by default the newest; it is an error if there is none."""
        known = self.status.rejected
        if not known:
            raise CliError(f"{self.name} has rejected no revision")
        newest = max(known, key=lambda each: each.at)
        found = next((each for each in known if each.revision == revision), None)
        if revision and found is None:
            names = ", ".join(f"{each.revision} ({each.version})" for each in known)
            raise CliError(f"{self.name} has not rejected {revision}: it has rejected {names}")
        return found or newest


class Event(Status):
    """An Event about a ModelDeployment."""

    at: datetime
    """Time at which it was last seen."""
    type: str
    """Normal or Warning."""
    reason: str
    """Machine-readable reason."""
    message: str
    """Human-readable explanation."""
    count: int = 1
    """Number of times that it was seen."""


def deployment(kubectl: Kubectl, name: str) -> Deployment:
    """Return a ModelDeployment; it is an error if there is none of that name."""
    found = kubectl.find(MODEL_DEPLOYMENT.plural, name)
    if found is None:
        chosen = kubectl.connection.namespace
        where = f"namespace {chosen}" if chosen else "the namespace of the context"
        raise CliError(
            f"there is no ModelDeployment {name} in {where}: list them with "
            "`kubectl get modeldeployments.perennial.dev --all-namespaces`"
        )
    return parsed(found)


def parsed(manifest: Manifest) -> Deployment:
    """Return the ModelDeployment of a manifest."""
    metadata = manifest["metadata"]
    return Deployment(
        name=metadata["name"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        generation=metadata["generation"],
        is_deleted="deletionTimestamp" in metadata,
        is_paused=bool(manifest["spec"].get("paused")),
        status=_valid(ModelDeploymentStatus, manifest),
    )


def decision(kubectl: Kubectl, name: str) -> DecisionStatus:
    """Return the status of a Decision; it is an error if it was deleted."""
    found = kubectl.find(DECISION.plural, name)
    if found is None:
        raise CliError(f"Decision {name} was deleted before it had an outcome")
    return _valid(DecisionStatus, found)


def events(kubectl: Kubectl, about: Deployment) -> tuple[Event, ...]:
    """Return the last Events about a ModelDeployment, newest first."""
    return newest(kubectl.all("events", fields=f"involvedObject.uid={about.uid}"))


def newest(events: Iterable[Manifest]) -> tuple[Event, ...]:
    """Return the newest Events, newest first."""
    found = sorted(map(_event, events), key=lambda each: each.at, reverse=True)
    return tuple(found[:_EVENTS])


def _event(manifest: Manifest) -> Event:
    """Return an Event. Which of its times are set depends on the version of its API."""
    series = manifest.get("series") or {}
    times = (
        *(series.get("lastObservedTime"), manifest.get("lastTimestamp")),
        *(manifest.get("eventTime"), manifest["metadata"]["creationTimestamp"]),
    )
    return Event(
        at=to_datetime(next(filter(None, times))),
        type=manifest["type"],
        reason=manifest["reason"],
        message=manifest.get("message", ""),
        count=series.get("count") or manifest.get("count") or 1,
    )


def _valid(kind: type[Part], manifest: Manifest) -> Part:
    """Return the status of an object; one of a newer operator may have values that are unknown."""
    status: dict[str, Any] = manifest.get("status") or {}
    try:
        return kind.model_validate(status)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise CliError(
            f"this version of the plugin cannot read .status.{place} of {manifest['kind']} "
            f"{manifest['metadata']['name']}: install the version of the operator"
        ) from None
