"""Decisions: a verb creates one in the name of the user, and waits for its outcome."""

from dataclasses import dataclass
from datetime import timedelta

import typer
from pydantic import ValidationError

from perennial.api.decision import DecisionSpec, DecisionStatus, DecisionSubject, ReturnTo
from perennial.api.kinds import DECISION, MODEL_DEPLOYMENT
from perennial.api.manifest import Manifest
from perennial.api.rollout_status import DecisionVerdict
from perennial.api.schema import API_VERSION, GROUP
from perennial.cli import read
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Kubectl
from perennial.cli.waiting import looks


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants of a rollout."""

    verdict: DecisionVerdict
    deployment: str
    revision: str
    version: str
    """Version of the revision, for messages."""
    to: str | None = None
    """Version that a rollback returns to."""
    reason: str | None = None


def decide(kubectl: Kubectl, wish: Wish, timeout: timedelta | None) -> None:
    """Create a Decision, and wait for its outcome unless there is no timeout."""
    created = kubectl.create(manifest(wish, kubectl.user()))
    name, by = created["metadata"]["name"], created["spec"]["by"]
    to = f" to {wish.to}" if wish.to else ""
    about = f"revision {wish.revision} ({wish.version})"
    typer.echo(f"decision.{GROUP}/{name} created: {wish.verdict} of {about}{to} by {by}")
    if timeout is not None:
        typer.echo(_outcome(kubectl, name, timeout))


def decide_about_candidate(
    kubectl: Kubectl,
    verdict: DecisionVerdict,
    name: str,
    reason: str | None,
    timeout: timedelta | None,
) -> None:
    """Create a Decision about the revision that is being rolled out."""
    candidate = read.deployment(kubectl, name).candidate()
    wish = Wish(verdict, name, candidate.revision, candidate.version, reason=reason)
    decide(kubectl, wish, timeout)


def manifest(wish: Wish, by: str) -> Manifest:
    """Return the Decision of a user."""
    return {
        "apiVersion": API_VERSION,
        "kind": DECISION.name,
        "metadata": {"generateName": f"{wish.deployment}-{wish.verdict.lower()}-"},
        "spec": _spec(wish, by).model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _spec(wish: Wish, by: str) -> DecisionSpec:
    subject = DecisionSubject(
        kind=MODEL_DEPLOYMENT.name, name=wish.deployment, revision=wish.revision
    )
    try:
        to = ReturnTo(version=wish.to) if wish.to else None
        return DecisionSpec(
            subject=subject, verdict=wish.verdict, to=to, by=by, reason=wish.reason or None
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise CliError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _outcome(kubectl: Kubectl, name: str, timeout: timedelta) -> str:
    """Wait for the outcome of a Decision, and return it; a refusal is an error."""
    status = DecisionStatus()
    for _ in looks(timeout):
        status = read.decision(kubectl, name)
        if status.outcome == "Refused":
            raise CliError(f"Refused: {status.message}")
        if status.outcome:
            return f"{status.outcome}: {status.message}"
    state = next((each.message for each in status.conditions if each.type == "Ready"), None)
    raise CliError(
        f"Decision {name} has no outcome after {timeout.total_seconds():.0f}s: "
        f"{state or 'the operator has not read it yet'}; "
        f"`kubectl get decision.{GROUP}/{name}` shows it later"
    )
