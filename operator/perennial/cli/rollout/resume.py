"""`kubectl perennial rollout resume`: end a pause."""

from perennial.cli import read
from perennial.cli.decide import Wish, decide
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
    candidate = read.deployment(kubectl, name).candidate()
    wish = Wish("Resume", name, candidate.revision, candidate.version, reason=reason)
    decide(kubectl, wish, timeout if wait else None)
