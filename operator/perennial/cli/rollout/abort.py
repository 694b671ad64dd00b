"""`kubectl perennial rollout abort`: back to the stable revision."""

from perennial.cli.decide import decide_about_candidate
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
    decide_about_candidate(kubectl, "Abort", name, reason, timeout if wait else None)
