"""Revisions that failed a rollout: what is remembered of them, where, and what lifts it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from perennial.api.decision import OF_REJECTED
from perennial.api.rollout_status import DecisionRecord, RejectedRevision
from perennial.planning.decision.decision import Decision
from perennial.planning.model_deployment.observed import Observed

MOST: Final = 10


def rejected_revisions(observed: Observed) -> Mapping[str, RejectedRevision]:
    """Return the rejected revisions, newest first.

    Their versions remember them, too, so that a lost status or a deleted ModelDeployment does not
    bring one back.
    """
    lifted = lifted_at(observed.status.decisions, observed.decisions)
    remembered = (
        each
        for each in _remembered(observed)
        if each.revision not in lifted or each.at > lifted[each.revision]
    )
    return newest((*observed.status.rejected, *remembered))


def newest(rejected: Iterable[RejectedRevision]) -> Mapping[str, RejectedRevision]:
    """Return the newest rejections, one for each revision."""
    in_order = sorted(rejected, key=lambda each: (each.at, each.revision), reverse=True)
    found: dict[str, RejectedRevision] = {}
    for each in in_order:
        found.setdefault(each.revision, each)
    return dict(list(found.items())[:MOST])


def lifted_at(
    records: Iterable[DecisionRecord], decisions: Iterable[Decision]
) -> Mapping[str, datetime]:
    """Return when Decisions lifted the rejections of revisions, by revision.

    A Decision knows its outcome itself, also when the status of its subject is lost.
    """
    recorded = {each.uid: each.at for each in records if each.outcome == "Applied"}
    found: dict[str, datetime] = {}
    for decision in decisions:
        is_applied = decision.status.outcome == "Applied"
        at = decision.status.at if is_applied else recorded.get(decision.uid)
        revision = decision.spec.subject.revision
        if at and revision and decision.spec.verdict in OF_REJECTED:
            found[revision] = max(at, found.get(revision, at))
    return found


def _remembered(observed: Observed) -> Iterator[RejectedRevision]:
    for version in observed.versions:
        for each in version.status.rejections:
            if each.deployment == observed.name:
                yield RejectedRevision(
                    version=version.name,
                    revision=each.revision,
                    at=each.at,
                    reason=each.reason,
                    message=each.message,
                )
