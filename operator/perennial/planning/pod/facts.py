"""A pod as findings read it: its steps, how each ended, and names for messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from perennial.api.manifest import Manifest, condition
from perennial.api.names import KIND, NAME
from perennial.api.times import to_datetime

STEPS = ("prepare", "work", "publish")
LONGEST_QUOTE = 400
"""Characters of a foreign message that ours quotes: both must fit into one field of status."""

_SETTINGS = {
    "Dataset": "spec.job",
    "Model": "spec.training.job",
    "ModelDeployment": "spec.server",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that ended."""

    step: str
    started: bool
    exit_code: int
    reason: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A container that the node has not started."""

    container: str
    image: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class PodFacts:
    """A Job or a Deployment, with one of its pods."""

    workload: Manifest
    pod: Manifest

    @property
    def name(self) -> str:
        """Return the name of the Job or Deployment."""
        return str(self.workload["metadata"]["name"])

    @property
    def owner(self) -> str:
        """Return the name of the object that the workload belongs to."""
        return str(self.workload["metadata"]["labels"][NAME])

    @property
    def namespace(self) -> str:
        """Return the namespace."""
        return str(self.workload["metadata"]["namespace"])

    @property
    def settings(self) -> str:
        """Return the path of the fields that configure the pod, in its owner's spec."""
        return settings_path(self.workload)

    @property
    def began(self) -> datetime:
        """Return when the pod was created."""
        return to_datetime(self.pod["metadata"]["creationTimestamp"])

    @property
    def is_failed(self) -> bool:
        """Return whether the pod as a whole has failed."""
        return self._status.get("phase") == "Failed"

    @property
    def is_deleted(self) -> bool:
        """Return whether the pod is being deleted."""
        return "deletionTimestamp" in self.pod["metadata"]

    @property
    def reason(self) -> str:
        """Return the reason of the pod's status; empty for most pods."""
        return str(self._status.get("reason") or "")

    @property
    def message(self) -> str:
        """Return the message of the pod's status."""
        return str(self._status.get("message") or "")

    def condition(self, kind: str) -> Manifest:
        """Return a condition of the pod; an absent one is empty."""
        return condition(self.pod, kind)

    def ended(self) -> Iterator[Ended]:
        """Yield the steps that ended, in order."""
        for container in self._containers():
            state = (container.get("state") or {}).get("terminated")
            if state and container["name"] in STEPS:
                finished = state.get("finishedAt")
                yield Ended(
                    container["name"],
                    bool(state.get("startedAt")),
                    state["exitCode"],
                    state.get("reason") or "",
                    state.get("message") or "",
                    to_datetime(finished) if finished else self.ended_at(),
                )

    def failed(self) -> Iterator[Ended]:
        """Yield the steps that ended without success."""
        return (ended for ended in self.ended() if ended.exit_code != 0)

    def waiting(self) -> Iterator[Waiting]:
        """Yield the containers that the node has not started."""
        for container in self._containers():
            if state := (container.get("state") or {}).get("waiting"):
                yield Waiting(
                    container["name"],
                    container["image"],
                    state.get("reason") or "",
                    state.get("message") or "",
                )

    def ended_at(self) -> datetime:
        """Return when a condition of the pod last changed: for a pod that ended, when it did."""
        stated = self._status.get("conditions") or ()
        changes = (each.get("lastTransitionTime") for each in stated)
        return max((to_datetime(change) for change in changes if change), default=self.began)

    @property
    def _status(self) -> Manifest:
        return self.pod.get("status") or {}

    def _containers(self) -> Iterator[Manifest]:
        yield from self._status.get("initContainerStatuses") or ()
        yield from self._status.get("containerStatuses") or ()


def settings_path(workload: Manifest) -> str:
    """Return the path of the fields that configure its pods, in its owner's spec."""
    return _SETTINGS[workload["metadata"]["labels"][KIND]]


def quote(text: str) -> str:
    """Return a foreign message on one line, short enough to quote."""
    return " ".join(text.split())[:LONGEST_QUOTE]
