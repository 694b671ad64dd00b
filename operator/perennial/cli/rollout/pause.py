"""`kubectl perennial rollout pause`: hold the weights."""

from perennial.cli import read
from perennial.cli.decide import Wish, decide
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
    candidate = read.deployment(kubectl, name).candidate()
    wish = Wish("Pause", name, candidate.revision, candidate.version, reason=reason)
    decide(kubectl, wish, timeout if wait else None)
