"""Which change of conditions becomes an Event."""

from collections.abc import Sequence

from perennial.api.conditions import Condition, ConditionType, Findings
from perennial.api.reasons import Progress, SpecReason
from perennial.planning.plan import PostEvent

_LEADING = (
    ConditionType.STALLED,
    ConditionType.DEGRADED,
    ConditionType.RECONCILING,
    ConditionType.READY,
)
_QUIET = {
    Progress.FIRST_SNAPSHOT,
    Progress.CONTRACT_CHANGED,
    Progress.REFRESH_DUE,
    Progress.SNAPSHOT_READY,
    Progress.QUEUED,
    Progress.TRAINING,
    Progress.VERSION_MADE,
    Progress.STARTING,
    Progress.SHIFTING,
    Progress.SCALING,
    Progress.PENDING,
    SpecReason.DATASET_NOT_READY,
    SpecReason.NO_VERSION,
}
"""Expected steps of a new object. Whatever creates something posts its own Event."""
_EXPECTED = {Progress.PAUSING}
"""Steps that the spec asks for: worth an Event, but no reason for concern."""


def announcements(before: Sequence[Condition], findings: Findings) -> tuple[PostEvent, ...]:
    """Return the Event of a leading condition whose reason is new: once, not at every look."""
    leading = next(kind for kind in _LEADING if kind in findings)
    finding = findings[leading]
    was = {condition.type: condition.reason for condition in before}
    if finding.reason in _QUIET or was.get(leading) == finding.reason:
        return ()
    is_settled = leading is ConditionType.READY and finding.status == "True"
    is_normal = is_settled or finding.reason in _EXPECTED
    return (PostEvent("Normal" if is_normal else "Warning", finding.reason, finding.message),)
