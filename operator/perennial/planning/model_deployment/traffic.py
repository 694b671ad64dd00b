"""Who gets how much of the traffic, and how many pods each revision has for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from perennial.api.digests import digest_of
from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RolloutStatus, ShiftStatus
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.shift import is_proven, is_written
from perennial.planning.model_deployment.stages import ALL, is_watching, pods_for, weight_of_step
from perennial.planning.model_deployment.step import Step

_DIGITS: Final = 10
_PROBE_INTERVAL: Final = timedelta(milliseconds=250)
_LATE_PROBE_INTERVAL: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The shares of the revisions, in percent; they sum to 100."""

    weights: Mapping[str, int]
    """By revision. A revision without traffic is not in it."""
    stable: str
    """The revision that the address Service selects, or marks where it is shared."""
    is_shared: bool
    """Whether all pods stand behind the address Service, where replicas make the shares."""

    @property
    def digest(self) -> str:
        """Return the short digest of the weights, which the marker of the route names."""
        return digest_of(dict(self.weights)).removeprefix("sha256:")[:_DIGITS]


def enough(pods: int) -> int:
    """Return how many of these pods must be ready: nine tenths, so that one of many may fail."""
    return -(-9 * pods // 10)


def capacity(ready: int, pods: int) -> int:
    """Return the largest share that ready pods can carry where `pods` carry all the traffic."""
    return min(ALL, 10 * ALL * ready // (9 * pods)) if pods else 0


def candidate_share(weight: int, stable_ready: int, candidate_ready: int, pods: int) -> int:
    """Return the candidate's share: its weight, limited and extended by the pods that are ready.

    A revision without ready pods gets nothing, unless none of the two has any. A candidate that
    has no weight yet helps out only where no stable pod is ready.
    """
    if candidate_ready == 0:
        return 0
    if stable_ready == 0:
        return ALL
    if weight == 0:
        return 0
    lacking = max(0, ALL - weight - capacity(stable_ready, pods))
    return min(weight + lacking, capacity(candidate_ready, pods))


def traffic_of(rollout: Rollout, step: Step) -> Traffic | None:
    """Return the traffic after a step; None as long as no revision may have any."""
    stable, candidate, progress = step.stable, step.candidate, step.progress
    if stable is None:
        return None
    if candidate is None or progress is None:
        return Traffic({stable.revision: ALL}, stable.revision, is_shared=False)
    weight = progress.weight
    if rollout.is_routed:
        share = candidate_share(weight, stable.ready, candidate.ready, rollout.wanted)
        traffic = _split(stable, candidate, share, is_shared=False)
        return replace(traffic, stable=candidate.revision) if is_watching(progress) else traffic
    if is_watching(progress):
        return Traffic({candidate.revision: ALL}, candidate.revision, is_shared=False)
    is_shared = candidate.ready > 0 and (weight > 0 or stable.ready == 0)
    share = _ready_share(stable, candidate) if is_shared else 0
    return _split(stable, candidate, share, is_shared=is_shared)


def pods_of(rollout: Rollout, step: Step) -> Mapping[str, int]:
    """Return the replicas of the live revisions; a rollout in stages takes no pod away."""
    progress = step.progress
    wanted = {each.revision: rollout.wanted for each in (step.stable, step.candidate) if each}
    if progress is None or step.candidate is None:
        return wanted
    wanted[step.candidate.revision] = pods_of_step(rollout, progress)
    running = rollout.observed.running
    return {
        of: max(pods, running[of].wanted if of in running else 0) for of, pods in wanted.items()
    }


def pods_of_step(rollout: Rollout, progress: RolloutStatus) -> int:
    """Return the pods that the candidate needs for the current step."""
    return pods_for(weight_of_step(progress), rollout.wanted, routed=rollout.is_routed)


def is_in_force(rollout: Rollout, traffic: Traffic) -> bool:
    """Return whether the data plane is proven to use these shares."""
    observed = rollout.observed
    if rollout.is_routed:
        shift = observed.status.shift
        return shift is not None and shift.wanted == traffic.digest and is_proven(observed, shift)
    if traffic.is_shared:
        return observed.in_rotation is None and observed.stable_mark == traffic.stable
    return observed.in_rotation == traffic.stable


def shift_after(rollout: Rollout, traffic: Traffic | None) -> ShiftStatus | None:
    """Return the record of the last shift of a route."""
    if traffic is None or not rollout.is_routed:
        return None
    observed, before = rollout.observed, rollout.observed.status.shift
    if before is None or before.wanted != traffic.digest:
        return ShiftStatus(wanted=traffic.digest, at=rollout.now)
    if before.proven and not is_written(observed, before):
        return ShiftStatus(wanted=traffic.digest, at=rollout.now)
    if before.proven or not is_proven(observed, before):
        return before
    return before.model_copy(update={"proven": rollout.now})


def next_probe(rollout: Rollout, shift: ShiftStatus | None) -> timedelta:
    """Return the time until a shift that is not proven is probed again: soon, then less often."""
    is_late = shift is not None and rollout.left(shift.at) <= timedelta(0)
    return _LATE_PROBE_INTERVAL if is_late else _PROBE_INTERVAL


def _split(
    stable: RevisionStatus, candidate: RevisionStatus, share: int, *, is_shared: bool
) -> Traffic:
    weights = {stable.revision: ALL - share, candidate.revision: share}
    return Traffic(
        {of: weight for of, weight in weights.items() if weight}, stable.revision, is_shared
    )


def _ready_share(stable: RevisionStatus, candidate: RevisionStatus) -> int:
    return round(ALL * candidate.ready / (stable.ready + candidate.ready))
