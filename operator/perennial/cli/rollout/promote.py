"""`kubectl perennial rollout promote`: no further steps and gates."""

from perennial.cli.decide import decide_about_candidate
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
    decide_about_candidate(kubectl, "Promote", name, reason, timeout if wait else None)
