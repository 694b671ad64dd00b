"""`kubectl perennial rollout undo`: return to a former version."""

from typing import Annotated

import typer

from perennial.cli import read
from perennial.cli.decide import Wish, decide
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait
from perennial.cli.read import Deployment

To = Annotated[
    str | None,
    typer.Option("--to", metavar="VERSION", help="ModelVersion. Defaults to the former one."),
]


def undo(
    kubectl: Kubectl,
    name: Name,
    *,
    to: To = None,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """Return the traffic to a version that is still kept, and reject the stable revision."""
    found = read.deployment(kubectl, name)
    stable = found.status.stable
    if stable is None:
        raise CliError(f"{name} serves no revision yet: there is nothing to return from")
    wish = Wish(
        "Rollback", name, stable.revision, stable.version, to=to or _former(found), reason=reason
    )
    decide(kubectl, wish, timeout if wait else None)


def _former(deployment: Deployment) -> str:
    former = deployment.status.former
    if former is None:
        raise CliError(
            f"{deployment.name} has no former revision: name the version to return to with --to"
        )
    return former.version
