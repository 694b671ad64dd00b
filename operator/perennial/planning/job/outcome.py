"""The state of a Job. Its pod is read first: the Job itself shows less, and shows it later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from perennial.api.manifest import ENDS, Manifest, condition, is_over
from perennial.api.names import ORDER, SETTINGS, TEMPLATE
from perennial.api.reasons import JobReason
from perennial.api.times import to_datetime
from perennial.planning.job.attempt import Attempt, Failure, R
from perennial.planning.job.blockers import blocker_of, refusal_of
from perennial.planning.job.failures import failure_of
from perennial.planning.pod.facts import Ended, PodFacts, quote


def attempt_of(
    job: Manifest,
    pods: Sequence[Manifest],
    events: Sequence[Manifest],
    report_type: type[R],
    now: datetime,
) -> Attempt[R]:
    """Return the attempt that a Job makes.

    `pods` and `events` are those of the Job; `now` is when a Job that has yet to be created begins.
    """
    attempt: Attempt[R] = _at_work(job, has_pod=bool(pods), now=now)
    if not pods:
        return _without_pod(attempt, job, events)
    facts = PodFacts(job, max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"]))
    published = next((ended for ended in facts.ended() if ended.step == "publish"), None)
    if published and published.exit_code == 0:
        return _reported(attempt, facts, published, report_type)
    failure = failure_of(facts) or (_lost(job, attempt.created) if attempt.over else None)
    return _failed(attempt, failure) if failure else replace(attempt, blocker=blocker_of(facts))


def _at_work(job: Manifest, *, has_pod: bool, now: datetime) -> Attempt[R]:
    metadata = job["metadata"]
    annotations = metadata["annotations"]
    return Attempt(
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        number=int(metadata["name"].rpartition("-")[2]),
        created=to_datetime(metadata["creationTimestamp"])
        if "creationTimestamp" in metadata
        else now,
        request=annotations[ORDER],
        settings=annotations.get(SETTINGS, ""),
        template=annotations.get(TEMPLATE, ""),
        has_pod=has_pod,
        over=is_over(job),
    )


def _without_pod(attempt: Attempt[R], job: Manifest, events: Sequence[Manifest]) -> Attempt[R]:
    if attempt.over:
        return _failed(attempt, _lost(job, attempt.created))
    return replace(attempt, blocker=refusal_of(job, events, attempt.created))


def _reported(
    attempt: Attempt[R], facts: PodFacts, published: Ended, report_type: type[R]
) -> Attempt[R]:
    try:
        report = report_type.model_validate_json(published.message)
    except ValidationError as error:
        message = (
            f"{facts.name} succeeded, but its report cannot be read "
            f"({quote(str(error.errors(include_url=False)[0]['msg']))}): operator and "
            "images.training may be of different releases"
        )
        return _failed(attempt, Failure(JobReason.INTERNAL_ERROR, message, published.at))
    return replace(attempt, report=report, ended=published.at)


def _failed(attempt: Attempt[R], failure: Failure) -> Attempt[R]:
    return replace(attempt, failure=failure, ended=failure.at)


def _lost(job: Manifest, created: datetime) -> Failure:
    """Return the failure of a Job that is over without a pod that shows how it ended."""
    ended = next((state for kind in ENDS if (state := condition(job, kind))), {})
    cause = quote(ended.get("message") or ended.get("reason") or "")
    message = f"the pod of {job['metadata']['name']} is gone, and its report with it ({cause})"
    at = ended.get("lastTransitionTime")
    return Failure(JobReason.POD_LOST, message, to_datetime(at) if at else created)
