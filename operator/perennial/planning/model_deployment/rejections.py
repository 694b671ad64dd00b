"""Revisions that failed a rollout: what is remembered of them, and where."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from perennial.api.rollout_status import RejectedRevision
from perennial.planning.model_deployment.observed import Observed

MOST: Final = 10


def rejected_revisions(observed: Observed) -> Mapping[str, RejectedRevision]:
    """Return the rejected revisions, newest first.

    Their versions remember them, too, so that a lost status or a deleted ModelDeployment does not
    bring one back.
    """
    return newest((*observed.status.rejected, *_remembered(observed)))


def newest(rejected: Iterable[RejectedRevision]) -> Mapping[str, RejectedRevision]:
    """Return the newest rejections, one for each revision."""
    in_order = sorted(rejected, key=lambda each: (each.at, each.revision), reverse=True)
    found: dict[str, RejectedRevision] = {}
    for each in in_order:
        found.setdefault(each.revision, each)
    return dict(list(found.items())[:MOST])


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
