"""Which revision is stable, which one is the candidate, and from what each is known."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RejectedRevision
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.revision import Definition, Running
from perennial.planning.model_deployment.stages import (
    is_watching,
)
from perennial.planning.model_version.version import Version

Roles = tuple[RevisionStatus | None, RevisionStatus | None]
"""The revision to fall back to, and the candidate."""


def is_returning(observed: Observed, rejected: Collection[str], roles: Roles) -> bool:
    """Return whether a former revision takes the place of a stable one that is rejected."""
    stable, candidate = roles
    if stable is None or candidate is None or stable.revision not in rejected:
        return False
    if candidate.revision in rejected:
        return False
    running = observed.running.get(candidate.revision)
    return running is not None and running.served_until is not None


def roles_of(
    observed: Observed,
    definitions: Mapping[str, Definition],
    rejected: Mapping[str, RejectedRevision],
) -> Roles:
    """Return the revision to fall back to, and the candidate."""
    stable = _stable(observed, definitions)
    if stable and is_watching(observed.status.rollout):
        return _watched(observed, definitions, stable)
    if stable and stable.revision in rejected:
        return _returning(observed, definitions, rejected, stable)
    return stable, _candidate(observed, definitions, stable)


def _watched(
    observed: Observed, definitions: Mapping[str, Definition], stable: RevisionStatus
) -> tuple[RevisionStatus, RevisionStatus | None]:
    """Return the roles during a watch: the former revision is the one to fall back to."""
    former = observed.status.former
    is_back = former is not None and former.revision == stable.revision
    if former is None or is_back or former.revision not in observed.running:
        return stable, None
    found = revision_status(observed, definitions, former.revision, former.since)
    return (found, stable) if found else (stable, None)


def _returning(
    observed: Observed,
    definitions: Mapping[str, Definition],
    rejected: Mapping[str, RejectedRevision],
    stable: RevisionStatus,
) -> tuple[RevisionStatus, RevisionStatus | None]:
    """Return the roles while what has the traffic is rejected, and a former revision returns.

    A former revision with pods, as after a watch, takes the traffic at once; another one grows.
    """
    wanted = rejected[stable.revision].return_to
    marked = [
        (running.version == wanted, running.ready > 0, running.served_until, of)
        for of, running in observed.running.items()
        if running.served_until and of not in rejected
    ]
    if not marked:
        return stable, _candidate(observed, definitions, stable)
    _, has_pods, since, revision = max(marked)
    former = revision_status(observed, definitions, revision, since)
    if former is None:
        return stable, None
    return (former, None) if has_pods and wanted is None else (stable, former)


def revision_status(
    observed: Observed, definitions: Mapping[str, Definition], revision: str, since: datetime
) -> RevisionStatus | None:
    """Return the status of a revision; None if it neither runs nor can be started."""
    running = observed.running.get(revision)
    if running is None and revision in definitions:
        running = Running(revision, definitions[revision].version, wanted=0)
    if running is None:
        return None
    return RevisionStatus(
        version=running.version,
        revision=revision,
        replicas=running.pods,
        ready=running.ready,
        since=since,
    )


def definitions_of(observed: Observed) -> Mapping[str, Definition]:
    """Return every revision that could be started now, by revision."""
    return dict(_definitions(observed))


def _definitions(observed: Observed) -> Iterator[tuple[str, Definition]]:
    for version in observed.versions:
        if version.artifact.store in observed.configuration.stores:
            definition = define(observed, version)
            yield definition.revision, definition


def define(observed: Observed, version: Version) -> Definition:
    """Return what the pods of a version would be made of now."""
    return Definition(
        model=version.model,
        version=version.name,
        artifact=version.artifact,
        server=observed.spec.server,
        image=observed.configuration.images.server_of(version.artifact.tier),
    )


def _stable(observed: Observed, definitions: Mapping[str, Definition]) -> RevisionStatus | None:
    """Return the revision that has the traffic.

    The address Service is the authority: a status may be lost, or older than the Service.
    """
    remembered = observed.status.stable
    marked = observed.in_rotation or observed.stable_mark
    if marked and (remembered is None or remembered.revision != marked):
        found = revision_status(observed, definitions, marked, observed.now.replace(microsecond=0))
        if found:
            return found
    return remembered and revision_status(
        observed, definitions, remembered.revision, remembered.since
    )


def _candidate(
    observed: Observed, definitions: Mapping[str, Definition], stable: RevisionStatus | None
) -> RevisionStatus | None:
    remembered = observed.status.candidate
    if remembered is None or (stable and stable.revision == remembered.revision):
        return None
    return revision_status(observed, definitions, remembered.revision, remembered.since)
