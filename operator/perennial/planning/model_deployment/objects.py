"""The objects of a rollout: those to apply, and those to delete."""

from collections.abc import Iterator
from datetime import timedelta

from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import JobReason
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.deployment import scaled, server_deployment
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.prediction_key import prediction_key
from perennial.planning.model_deployment.revision import Child, Running
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.services import (
    address_service,
    disruption_budget,
    revision_service,
)
from perennial.planning.plan import Action, Apply, Create, Delete


def objects(
    rollout: Rollout, stable: RevisionStatus | None, candidate: RevisionStatus | None
) -> Iterator[Action]:
    """Yield the actions in the order that loses no request: grow, shift, drain."""
    observed = rollout.observed
    place = observed.name, observed.namespace
    for each in (stable, candidate):
        if each:
            yield from _grown(rollout, each.revision)
            yield Apply(revision_service(*place, each.revision))
    if stable:
        yield Apply(address_service(*place, stable.revision))
        yield Apply(disruption_budget(*place, stable.revision))
    for child in retired(observed, stable, candidate):
        if not _still_needed(rollout, stable, child):
            yield Delete(child.kind, child.name, child.uid)


def retired(
    observed: Observed, stable: RevisionStatus | None, candidate: RevisionStatus | None
) -> tuple[Child, ...]:
    """Return the objects of revisions other than these."""
    live = {each.revision for each in (stable, candidate) if each}
    return tuple(child for child in observed.children if child.revision not in live)


def until_drained(observed: Observed, stable: RevisionStatus) -> timedelta:
    """Return the time until the revision before the stable one may go."""
    return stable.since + to_timedelta(observed.configuration.pauses.drain) - observed.now


def _grown(rollout: Rollout, revision: str) -> Iterator[Action]:
    observed = rollout.observed
    running = observed.running.get(revision)
    if running is None or _lacks_key(running):
        yield prediction_key(observed.name, observed.namespace)
    if running is None:
        yield Create(
            server_deployment(
                observed.name,
                observed.namespace,
                rollout.wanted,
                rollout.definitions[revision],
                observed.configuration,
            )
        )
    elif running.wanted != rollout.wanted:
        yield Apply(scaled(observed.name, observed.namespace, revision, rollout.wanted))


def _lacks_key(running: Running) -> bool:
    """Return whether the Secret is gone: it is not watched, but pods that need it report it."""
    blocker = running.blocker
    return blocker is not None and blocker.reason == JobReason.PREDICTION_KEY_NOT_FOUND


def _still_needed(rollout: Rollout, stable: RevisionStatus | None, child: Child) -> bool:
    """Return whether a retired revision may still be reached, or alone still answers."""
    if stable is None:
        return False
    running = rollout.observed.running.get(child.revision)
    others_silent = rollout.wanted > 0 and stable.ready == 0
    alone_answers = others_silent and running is not None and running.ready > 0
    return alone_answers or until_drained(rollout.observed, stable) > timedelta(0)
