"""How a Job stands. Its pod is read first: the Job itself says less, and seconds later."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError

from perennial.api.manifest import _ENDS, Manifest, condition, is_over
from perennial.api.names import ORDER, SETTINGS, TEMPLATE
from perennial.api.reasons import JobReason
from perennial.api.times import to_datetime
from perennial.planning.job.attempt import Failure, R, Run
from perennial.planning.job.blockers import blocker_of, refusal_of
from perennial.planning.job.failures import failure_of
from perennial.planning.pod.blocker import Blocker
from perennial.planning.pod.facts import Ended, PodFacts, quote


def run_of(
    job: Manifest,
    pods: Sequence[Manifest],
    events: Sequence[Manifest],
    report_type: type[R],
    now: datetime,
) -> Run[R]:
    """Return one attempt as it stands; a Job that is only just being made has no uid yet."""
    metadata = job["metadata"]
    created = to_datetime(metadata["creationTimestamp"]) if "creationTimestamp" in metadata else now
    report, failure, blocker = _outcome(job, pods, events, report_type, created)
    annotations = metadata["annotations"]
    return Run(
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        attempt=int(metadata["name"].rpartition("-")[2]),
        created=created,
        request=annotations[ORDER],
        settings=annotations.get(SETTINGS, ""),
        template=annotations.get(TEMPLATE, ""),
        has_pod=bool(pods),
        over=is_over(job),
        report=report[0] if report else None,
        failure=failure,
        blocker=blocker,
        ended=report[1] if report else failure.at if failure else None,
    )


def _outcome(
    job: Manifest,
    pods: Sequence[Manifest],
    events: Sequence[Manifest],
    report_type: type[R],
    created: datetime,
) -> tuple[tuple[R, datetime] | None, Failure | None, Blocker | None]:
    if not pods:
        failure = _lost(job, created) if is_over(job) else None
        return None, failure, None if failure else refusal_of(job, events, created)
    facts = PodFacts(job, max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"]))
    published = next((ended for ended in facts.ended() if ended.step == "publish"), None)
    if published and published.exit_code == 0:
        return _read(facts, published, report_type)
    failure = failure_of(facts) or (_lost(job, created) if is_over(job) else None)
    return None, failure, None if failure else blocker_of(facts)


def _read(
    facts: PodFacts, published: Ended, report_type: type[R]
) -> tuple[tuple[R, datetime] | None, Failure | None, None]:
    try:
        report = report_type.model_validate_json(published.message)
    except ValidationError as error:
        message = (
            f"{facts.name} ended well, but its report cannot be read "
            f"({quote(str(error.errors(include_url=False)[0]['msg']))}): operator and "
            "images.training may be of different releases"
        )
        return None, Failure(JobReason.INTERNAL_ERROR, message, published.at), None
    return (report, published.at), None, None


def _lost(job: Manifest, created: datetime) -> Failure:
    """A Job that is over, and no pod tells how it ended."""
    ended = next((state for kind in _ENDS if (state := condition(job, kind))), {})
    words = quote(ended.get("message") or ended.get("reason") or "")
    message = f"the pod of {job['metadata']['name']} is gone, with all it had to report ({words})"
    at = ended.get("lastTransitionTime")
    return Failure(JobReason.POD_LOST, message, to_datetime(at) if at else created)
