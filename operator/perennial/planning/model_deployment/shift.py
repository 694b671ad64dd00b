"""Whether the last shift of a route is proven: whether its Gateway uses the weights."""

from perennial.api.rollout_status import ShiftStatus
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.observed import Observed


def is_proven(observed: Observed, shift: ShiftStatus) -> bool:
    """Return whether a probe has seen the marker of these weights.

    A Gateway without a readable address cannot be probed: it accepts the route, and then has time.
    """
    if shift.proven or observed.shift_seen == shift.wanted:
        return True
    route = observed.route
    if route is None or route.is_probed or not route.is_accepted:
        return False
    return observed.now >= shift.at + to_timedelta(observed.configuration.pauses.route)


def has_answered(observed: Observed) -> bool:
    """Return whether the Gateway has answered for the last weights."""
    shift = observed.status.shift
    return shift is not None and is_proven(observed, shift)
