"""`kubectl perennial rollout pause`: hold the weights."""

from perennial.cli.decide import decide_about_candidate
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait


def pause(
    kubectl: Kubectl,
    name: Name,
    *,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """Hold the weights of a rollout. Gates are still evaluated, and can still roll back."""
    decide_about_candidate(kubectl, "Pause", name, reason, timeout if wait else None)
