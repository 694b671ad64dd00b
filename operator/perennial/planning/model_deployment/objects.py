"""The objects of a rollout: those to apply, and those to delete."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from perennial.api.reasons import JobReason
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.autoscaler import autoscaler
from perennial.planning.model_deployment.deployment import scaled, server_deployment
from perennial.planning.model_deployment.former import former_revisions
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.prediction_key import prediction_key
from perennial.planning.model_deployment.revision import Child, Running
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.route import http_route
from perennial.planning.model_deployment.services import (
    address_service,
    disruption_budget,
    revision_service,
)
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import (
    Traffic,
    is_in_force,
    pods_of,
    shift_after,
    traffic_of,
)
from perennial.planning.plan import Action, Apply, Create, Delete


def objects(rollout: Rollout, step: Step) -> Iterator[Action]:
    """Yield the actions in the order that loses no request: grow, shift, drain."""
    observed = rollout.observed
    place = observed.name, observed.namespace
    yield from _former_marked(rollout, step)
    yield from _watched_marked(rollout, step)
    for revision, pods in pods_of(rollout, step).items():
        yield from _grown(rollout, step, revision, pods)
        yield Apply(revision_service(*place, revision))
    yield from _autoscaled(observed)
    traffic = traffic_of(rollout, step)
    if traffic:
        is_marked = observed.stable_mark is not None
        yield Apply(
            address_service(
                *place, traffic.stable, is_shared=traffic.is_shared, is_marked=is_marked
            )
        )
        yield Apply(disruption_budget(*place, traffic.stable))
        yield from _routed(rollout, step, traffic)
    yield from _retired(rollout, step, traffic)


def _autoscaled(observed: Observed) -> Iterator[Action]:
    wanted = observed.spec.autoscaling
    if wanted:
        yield Apply(autoscaler(observed.name, observed.namespace, wanted))
    elif observed.autoscaler:
        yield Delete("HorizontalPodAutoscaler", observed.name, observed.autoscaler)


def leaving(rollout: Rollout, step: Step) -> tuple[Child, ...]:
    """Return the objects of revisions that do not live on and still have to go, or lose pods."""
    live = {each.revision for each in (step.stable, step.candidate) if each}
    kept = former_revisions(rollout, step)
    running = rollout.observed.running
    return tuple(
        child
        for child in rollout.observed.children
        if child.revision not in live
        and not (child.revision in kept and running[child.revision].wanted == 0)
    )


def until_drained(rollout: Rollout, step: Step, traffic: Traffic) -> timedelta | None:
    """Return the time until replaced revisions may go; None while the shift is not proven."""
    observed = rollout.observed
    since = step.stable.since if step.stable else observed.now
    if rollout.is_routed:
        shift = shift_after(rollout, traffic)
        if shift is None or shift.proven is None:
            return None
        since = max(since, shift.proven)
    return since + to_timedelta(observed.configuration.pauses.drain) - observed.now


def _grown(rollout: Rollout, step: Step, revision: str, pods: int) -> Iterator[Action]:
    observed = rollout.observed
    running = observed.running.get(revision)
    if running is None or _lacks_key(running):
        yield prediction_key(observed.name, observed.namespace)
    if running is None:
        yield Create(
            server_deployment(
                observed.name,
                observed.namespace,
                pods,
                rollout.definitions[revision],
                observed.configuration,
            )
        )
    elif running.wanted != pods or _has_stale_mark(rollout, step, running):
        mark = None if _is_stable(rollout, step, revision) else running.served_until
        yield Apply(scaled(observed.name, observed.namespace, revision, pods, mark))


def _is_stable(rollout: Rollout, step: Step, revision: str) -> bool:
    """Return whether a revision has the traffic, by the address Service, and keeps it."""
    stable = step.serving if step.is_watching else rollout.stable
    selected = rollout.observed.stable_mark or rollout.observed.in_rotation
    return stable is not None and stable.revision == revision == selected


def _has_stale_mark(rollout: Rollout, step: Step, running: Running) -> bool:
    """Return whether a former revision is stable again; until then its mark stays."""
    return running.served_until is not None and _is_stable(rollout, step, running.revision)


def _lacks_key(running: Running) -> bool:
    """Return whether the Secret is gone: it is not watched, but pods that need it report it."""
    blocker = running.blocker
    return blocker is not None and blocker.reason == JobReason.PREDICTION_KEY_NOT_FOUND


def _former_marked(rollout: Rollout, step: Step) -> Iterator[Action]:
    """Mark the revision that is replaced before its traffic moves: no crash can forget it."""
    observed, replaced = rollout.observed, rollout.stable
    since = replaced and former_revisions(rollout, step).get(replaced.revision)
    if replaced and since:
        pods = observed.running[replaced.revision].wanted
        yield Apply(scaled(observed.name, observed.namespace, replaced.revision, pods, since))


def _watched_marked(rollout: Rollout, step: Step) -> Iterator[Action]:
    """Mark the revision that is watched against before its traffic moves."""
    if not step.is_watching or step.stable is None:
        return
    observed, former = rollout.observed, step.stable.revision
    running = observed.running.get(former)
    if running and running.served_until is None:
        yield Apply(scaled(observed.name, observed.namespace, former, running.wanted, rollout.now))


def _routed(rollout: Rollout, step: Step, traffic: Traffic) -> Iterator[Action]:
    observed, route = rollout.observed, rollout.observed.spec.route
    if route and rollout.is_routed:
        live = (each for each in (step.stable, step.candidate) if each and each.ready)
        reachable = tuple(each.revision for each in live)
        yield Apply(http_route(observed.name, observed.namespace, route, traffic, reachable))
    elif route is None and observed.route:
        yield Delete("HTTPRoute", observed.name, observed.route.uid)


def _retired(rollout: Rollout, step: Step, traffic: Traffic | None) -> Iterator[Action]:
    """Yield what becomes of revisions that no longer live: no pods, or no objects."""
    observed, kept = rollout.observed, former_revisions(rollout, step)
    for child in leaving(rollout, step):
        if _still_needed(rollout, step, traffic, child):
            continue
        since = kept.get(child.revision)
        if since is None:
            yield Delete(child.kind, child.name, child.uid)
        elif child.kind == "Deployment":
            yield _emptied(observed, child.revision, since)


def _emptied(observed: Observed, revision: str, since: datetime) -> Apply:
    return Apply(scaled(observed.name, observed.namespace, revision, 0, since))


def _still_needed(rollout: Rollout, step: Step, traffic: Traffic | None, child: Child) -> bool:
    """Return whether a retired revision may still be reached, or alone still answers."""
    stable = step.stable
    if stable is None or traffic is None:
        return False
    running = rollout.observed.running.get(child.revision)
    is_rejected = child.revision in rollout.rejected
    if is_rejected and not rollout.is_routed:
        return False  # a shared selector would choose its pods
    others_silent = rollout.wanted > 0 and stable.ready == 0 and not is_rejected
    if others_silent and running is not None and running.ready > 0:
        return True
    if rollout.is_routed and not is_in_force(rollout, traffic):
        return True
    drained = until_drained(rollout, step, traffic)
    return drained is None or drained > timedelta(0)
