"""`kubectl perennial rollout retry`: try a rejected revision again."""

from typing import Annotated

import typer

from perennial.cli import read
from perennial.cli.decide import Wish, decide
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait

Rejected = Annotated[
    str | None,
    typer.Option(
        "--revision", metavar="REVISION", help="Rejected revision. Defaults to the newest one."
    ),
]


def retry(
    kubectl: Kubectl,
    name: Name,
    *,
    revision: Rejected = None,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """Lift the rejection of a revision, so that its rollout starts at the first step."""
    rejected = read.deployment(kubectl, name).rejected(revision)
    wish = Wish("Retry", name, rejected.revision, rejected.version, reason=reason)
    decide(kubectl, wish, timeout if wait else None)
