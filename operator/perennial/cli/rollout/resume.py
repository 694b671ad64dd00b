"""`kubectl perennial rollout resume`: end a pause."""

from perennial.cli.decide import decide_about_candidate
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait


def resume(
    kubectl: Kubectl,
    name: Name,
    *,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """End the current pause: that of a step, or that of `rollout pause`."""
    decide_about_candidate(kubectl, "Resume", name, reason, timeout if wait else None)
