"""Former revisions: stable before, kept without pods, so that they can return quickly."""

from collections.abc import Mapping
from datetime import datetime

from perennial.api.model_deployment import RevisionStatus
from perennial.planning.model_deployment.rollout import Rollout, means_of
from perennial.planning.model_deployment.stages import keeps_former
from perennial.planning.model_deployment.step import Step


def former_revisions(rollout: Rollout, step: Step) -> Mapping[str, datetime]:
    """Return the former revisions to keep, newest first, with the time of their replacement.

    The mark on its Deployment shows that it was stable, since a status may be lost. The revision
    that this very step replaces has no mark yet.
    """
    rules = rollout.observed.spec.rollout
    if not keeps_former(rules, means_of(rollout.observed)):
        return {}
    times = {
        of: running.served_until
        for of, running in rollout.observed.running.items()
        if running.served_until and of not in rollout.rejected
    }
    if rollout.stable and rollout.stable.revision in rollout.observed.running:
        times[rollout.stable.revision] = rollout.now
    live = {each.revision for each in (step.stable, step.candidate) if each}
    newest = sorted(times.items(), key=lambda item: (item[1], item[0]), reverse=True)
    return dict([item for item in newest if item[0] not in live][: rules.keep])


def newest_former(rollout: Rollout, step: Step) -> RevisionStatus | None:
    """Return the status of the revision that was stable before."""
    for revision, since in former_revisions(rollout, step).items():
        running = rollout.observed.running[revision]
        return RevisionStatus(
            version=running.version,
            revision=revision,
            replicas=running.pods,
            ready=running.ready,
            weight=0,
            since=since,
        )
    return None
