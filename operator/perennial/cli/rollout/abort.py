"""`kubectl perennial rollout abort`: back to the stable revision."""

from perennial.cli import read
from perennial.cli.decide import Wish, decide
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import SOON, Name, Reason, Timeout, Wait


def abort(
    kubectl: Kubectl,
    name: Name,
    *,
    reason: Reason = None,
    wait: Wait = True,
    timeout: Timeout = SOON,
) -> None:
    """Return the traffic to the stable revision, and reject the candidate."""
    candidate = read.deployment(kubectl, name).candidate()
    wish = Wish("Abort", name, candidate.revision, candidate.version, reason=reason)
    decide(kubectl, wish, timeout if wait else None)
