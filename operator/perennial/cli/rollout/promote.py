"""`kubectl perennial rollout promote`: no further steps and gates."""

from perennial.cli import read
from perennial.cli.decide import Wish, decide
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait


def promote(
    kubectl: Kubectl,
    name: Name,
    *,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """Move all traffic to the candidate, without further steps and gates."""
    candidate = read.deployment(kubectl, name).candidate()
    wish = Wish("Promote", name, candidate.revision, candidate.version, reason=reason)
    decide(kubectl, wish, timeout if wait else None)
