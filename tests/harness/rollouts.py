"""What a rollout shows while it goes on: in statuses, in routes, and in what clients receive."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.api import Manifest
from harness.history import Event, History
from harness.kubectl import conditions
from harness.team import Team
from perennial.planning.model_deployment.route import weights_of
from perennial.planning.model_deployment.traffic import Traffic

NAME = "churn"
Holds = Callable[[Manifest], bool]
Weights = Mapping[str, int]


def starts_another_server(team: Team, deployment: Callable[..., Manifest]) -> str:
    """Change a server setting; return the revision that it becomes."""
    team.applies(deployment(server={"pod": {"labels": {"tier": "gold"}}}))
    found = team.kubectl.wait_for("ModelDeployment", NAME, has_a_candidate, 60)
    return str(found["status"]["candidate"]["revision"])


def has_a_candidate(deployment: Manifest) -> bool:
    """Tell whether a rollout goes on."""
    return "candidate" in deployment["status"]


def is_at(stage: str, weight: int) -> Holds:
    """Return whether a rollout is at this stage of the step with this weight."""

    def is_reached(deployment: Manifest) -> bool:
        progress = deployment["status"].get("rollout") or {}
        return (progress.get("stage"), progress.get("weight")) == (stage, weight)

    return is_reached


def serves(revision: str) -> Holds:
    """Return whether a revision is stable and no rollout goes on."""
    return lambda found: (
        found["status"]["stable"]["revision"] == revision and not has_a_candidate(found)
    )


def steps_of(deployment: Manifest) -> list[Any]:
    """Return the steps of the rollout that goes on."""
    progress = deployment["status"].get("rollout") or {}
    return list(progress.get("steps") or ())


def waits_for(deployment: Manifest) -> str:
    """Return what the rollout waits for, in the words of the status."""
    return str(conditions(deployment)["Reconciling"]["message"])


def wanted_pods(team: Team) -> dict[str, int]:
    """Return the number of pods that each revision is to have."""
    deployments = team.kubectl.all("Deployment", labels=f"perennial.dev/name={NAME}")
    return {revision_of(each): each["spec"]["replicas"] for each in deployments}


def has_pods(team: Team, revision: str) -> bool:
    """Tell whether any pod of a revision is left, going or not."""
    return bool(team.kubectl.all("Pod", labels=f"perennial.dev/revision={revision}"))


def revision_of(manifest: Manifest) -> str:
    """Return the revision of a Deployment or a pod; it may have none."""
    return str(manifest["metadata"].get("labels", {}).get("perennial.dev/revision", ""))


def weights_in(history: History) -> list[Weights]:
    """Return the weights that the route had, one after the other."""
    found = [weights_of(NAME, event.object) for event in history.of("HTTPRoute")]
    return [each for each, before in zip(found, [{}, *found], strict=False) if each != before]


def has(weights: Weights) -> Callable[[Event], bool]:
    """Return whether a route has these weights."""
    return lambda event: weights_of(NAME, event.object) == weights


def shows_the_proof_of(weights: Weights, stable: str) -> Callable[[Event], bool]:
    """Return whether a status says that the Gateway uses these weights."""
    digest = Traffic(weights, stable, is_shared=False).digest

    def shows_it(event: Event) -> bool:
        shift = event.object["status"].get("shift") or {}
        return shift.get("wanted") == digest and "proven" in shift

    return shows_it


def is_going(revision: str) -> Callable[[Event], bool]:
    """Return whether a pod of a revision was told to end."""

    def goes(event: Event) -> bool:
        ends = "deletionTimestamp" in event.object["metadata"] or event.type == "DELETED"
        return ends and revision_of(event.object) == revision

    return goes
