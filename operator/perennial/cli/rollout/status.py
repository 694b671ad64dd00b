"""`kubectl perennial rollout status`: wait for the end of a rollout."""

from datetime import timedelta
from typing import Annotated

import typer

from perennial.cli import read
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import Name, timeout
from perennial.cli.progress import standing
from perennial.cli.waiting import looks

Limit = Annotated[timedelta, timeout("0")]
Watch = Annotated[bool, typer.Option("--watch/--no-watch", "-w", help="Wait for the end.")]


def status(
    kubectl: Kubectl, name: Name, *, watch: Watch = True, limit: Limit = timedelta(0)
) -> None:
    """Wait until a rollout is done (exit code 0) or has failed (exit code 1).

    It fails if the revision is rejected, if the rollout cannot continue, or at the timeout.
    """
    line = ""
    for _ in looks(limit):
        found = standing(read.deployment(kubectl, name))
        if found.state == "Failed":
            raise CliError(found.message)
        if found.message != line:
            typer.echo(found.message)
            line = found.message
        if found.state == "Done" or not watch:
            return
    raise CliError(f"timed out after {limit.total_seconds():.0f}s: {line}")
