"""Whether the last shift of a route is proven: whether its Gateway uses the weights."""

from perennial.api.rollout_status import ShiftStatus
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.observed import Observed


def is_proven(observed: Observed, shift: ShiftStatus) -> bool:
    """Return whether a probe has seen the marker of these weights, and the route still has them.

    A Gateway without a readable address cannot be probed: it accepts the route, and then has time.
    """
    route = observed.route
    if route is None or not is_written(observed, shift):
        return False
    if shift.proven or observed.shift_seen == shift.wanted:
        return True
    if route.is_probed or not route.is_accepted:
        return False
    return observed.now >= shift.at + to_timedelta(observed.configuration.pauses.route)


def is_written(observed: Observed, shift: ShiftStatus) -> bool:
    """Return whether the route has these weights; a write after them may be in no status."""
    return observed.route is not None and observed.route.marker == shift.wanted


def has_answered(observed: Observed) -> bool:
    """Return whether the Gateway has answered for the last weights."""
    shift = observed.status.shift
    return shift is not None and is_proven(observed, shift)
