"""`kubectl perennial rollout history`: completed and rejected rollouts, and Decisions."""

from collections.abc import Iterator
from datetime import datetime

import typer

from perennial.api.model_deployment import ModelDeploymentStatus, Rolled
from perennial.api.rollout_status import DecisionRecord, RejectedRevision
from perennial.api.schema import Status
from perennial.cli import output, read
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import Format, Name, Output


class History(Status):
    """What happened to the rollouts of a ModelDeployment, newest first."""

    name: str
    """Name of the ModelDeployment."""
    namespace: str
    """Its namespace."""
    rollouts: tuple[Rolled, ...]
    """Completed rollouts."""
    rejected: tuple[RejectedRevision, ...]
    """Revisions that failed their rollout."""
    decisions: tuple[DecisionRecord, ...]
    """Decisions of users."""


def history(kubectl: Kubectl, name: Name, form: Format = Output.TABLE) -> None:
    """List completed and rejected rollouts and the Decisions about them, newest first."""
    found = read.deployment(kubectl, name)
    status = found.status
    if form is Output.JSON:
        document = History(
            name=found.name,
            namespace=found.namespace,
            rollouts=status.history,
            rejected=status.rejected,
            decisions=status.decisions,
        )
        typer.echo(output.to_json(document))
        return
    now = output.now()
    lines = sorted(_lines(status), key=lambda line: line[0], reverse=True)
    rows = [(output.age(at, now), *rest) for at, *rest in lines]
    output.console().print(output.table(("AGE", "WHAT", "REVISION", "VERSION AND REASON"), rows))


def _lines(status: ModelDeploymentStatus) -> Iterator[tuple[datetime, str, str, str]]:
    for done in status.history:
        yield done.at, "RolledOut", done.revision, done.version
    for each in status.rejected:
        reason = f"{each.version}: {each.reason}, {each.message}"
        yield each.at, "Rejected", each.revision, reason
    for decision in status.decisions:
        reason = f"{decision.outcome} by {decision.by}: {decision.message}"
        yield decision.at, decision.verdict, "-", reason
