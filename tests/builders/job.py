"""Jobs and their pods for tests, in the shape that a real cluster gives them."""

from datetime import UTC, datetime, timedelta

from perennial.api.configuration import Configuration, Images, Limits, Pauses, Store
from perennial.api.pod import JobRun, Resources
from perennial.api.times import to_timestamp
from perennial.planning.job.attempt import Attempt, Failure
from perennial.planning.job.manifest import JobTemplate, attempt_job
from perennial.planning.pod.blocker import Blocker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = ("prepare", "work", "publish")

STORE = Store(endpoint="http://s3:8333", bucket="models", secret_name="store-keys")  # noqa: S106
CONFIGURATION = Configuration(
    stores={"default": STORE, "theirs": Store(bucket="theirs", namespaces=("theirs",))},
    images=Images(training="job:1", server="server:1", server_sklearn="sklearn:1"),
    limits=Limits(jobs_per_namespace=2),
    pauses=Pauses(first_retry="30s", longest_retry="1h", job_history="1h"),
)


def job_template(
    run: JobRun | None = None, kind: str = "Dataset", request: str = "contract"
) -> JobTemplate:
    return JobTemplate(
        kind=kind,
        owner="flights",
        namespace="delays",
        task="snapshot" if kind == "Dataset" else "training",
        task_json="{}",
        request=request,
        run=run or JobRun(),
        reads=STORE,
        writes=STORE,
    )


def limited(memory: str) -> JobRun:
    return JobRun(resources=Resources(limits={"memory": memory}))


def job(of: JobTemplate | None = None, number: int = 1, *conditions) -> dict:
    """A Job that the API server made at noon."""
    made = attempt_job(
        of or job_template(), CONFIGURATION, f"flights-snapshot-abc-{number}", number
    )
    metadata = {**made["metadata"], "uid": f"job-{number}", "creationTimestamp": stamp()}
    return {**made, "metadata": metadata, "status": {"conditions": list(conditions)}}


def condition(kind: str, status: str = "True", reason: str = "", message: str = "", after=0):
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": stamp(after),
    }


def stamp(after: float = 0) -> str:
    """A moment, in seconds after noon, as the API server writes it."""
    return to_timestamp(NOON + timedelta(seconds=after))


def pod(phase: str = "Pending", *states, conditions=(), **status) -> dict:
    """A pod with the given states of its steps; the others wait for the one before them."""
    shown = dict(states)
    started = [
        {
            "name": step,
            "image": "job:1",
            "imageID": "",
            "lastState": {},
            "ready": False,
            "restartCount": 0,
            "started": False,
            "state": shown.get(step, {"waiting": {"reason": "PodInitializing"}}),
        }
        for step in STEPS
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "flights-snapshot-abc-1-x7k2p", "creationTimestamp": stamp(1)},
        "status": {
            "phase": phase,
            "conditions": list(conditions),
            "initContainerStatuses": started[:2],
            "containerStatuses": started[2:],
            **status,
        },
    }


def deleted(of: dict) -> dict:
    return {**of, "metadata": {**of["metadata"], "deletionTimestamp": stamp(20)}}


def ended(step: str, exit_code: int = 0, message: str = "", reason: str = "", after: float = 10):
    state = {
        "exitCode": exit_code,
        "reason": reason or ("Error" if exit_code else "Completed"),
        "startedAt": stamp(2),
        "finishedAt": stamp(after),
        "containerID": "containerd://1",
    }
    return step, {"terminated": {**state, **({"message": message} if message else {})}}


def running(step: str):
    return step, {"running": {"startedAt": stamp(2)}}


def waiting(step: str, reason: str, message: str = ""):
    return step, {"waiting": {"reason": reason, "message": message}}


def unscheduled(message: str, after: float = 1) -> dict:
    """A pod that the scheduler has found no node for."""
    found = condition("PodScheduled", "False", "Unschedulable", message, after)
    bare = pod("Pending", conditions=[found])
    return {**bare, "status": {"phase": "Pending", "conditions": [found]}}


def refused(message: str, after: float = 5) -> dict:
    """The Event of a Job that no pod could be made for."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "flights.17f", "creationTimestamp": stamp(after)},
        "type": "Warning",
        "reason": "FailedCreate",
        "message": f"Error creating: {message}",
        "lastTimestamp": stamp(after),
        "eventTime": None,
    }


def attempt(number: int = 1, name: str = "", **facts) -> Attempt:
    """An attempt at work since noon."""
    given = {"request": "contract", "settings": "settings", "template": "template", **facts}
    return Attempt(
        name=name or f"flights-snapshot-abc-{number}",
        uid=f"job-{number}",
        number=number,
        created=NOON,
        **given,
    )


def failed(number: int = 1, after: float = 0, *, in_spec: bool = False, **facts) -> Attempt:
    """An attempt that ended some seconds after noon without a result."""
    at = NOON + timedelta(seconds=after)
    reason = facts.pop("reason", "StoreUnavailable")
    failure = Failure(reason, facts.pop("message", "the store is away"), at, in_spec)
    return attempt(number, **{"over": True, "failure": failure, "ended": at, **facts})


def held(reason: str = "ImageUnavailable", after: float = 0, **facts) -> Attempt:
    """An attempt that something keeps from starting."""
    blocker = Blocker(reason, "no such image", NOON + timedelta(seconds=after))
    return attempt(blocker=blocker, **facts)
