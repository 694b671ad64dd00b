"""The second act: the columns of an export slip by one, and a canary finds what training cannot."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from demo import live, users
from demo.flights import parquet_files
from demo.held_out import HeldOut, probabilities, trained
from demo.slipped_story import Story, Times
from demo.users import Answers
from demo.watch import PATIENCE, DemoFailedError, watched
from harness import history
from harness.api import Manifest
from harness.bucket import Bucket
from harness.history import Event
from harness.kubectl import Kubectl, condition, conditions
from harness.paths import ROOT
from harness.servers import gateway

MANIFESTS = ROOT / "crds/examples/flights-canary.yaml"
HOSTNAME, ADDRESS = "flights.example.com", f"{gateway.ADDRESS}/delay"
MODEL = "flight-delay"
QUIET = 4
"""Seconds for which nothing may come back: an operator acts on a change within one."""
LATE = 0.5


def play(kubectl: Kubectl, bucket: Bucket, export: pd.DataFrame, unseen: HeldOut) -> Story:
    """Let an export arrive while users ask about unseen flights; return what came of it."""
    began = time.monotonic()
    with history.recording(kubectl, "ModelVersion", "ModelDeployment") as seen:
        for name, content in parquet_files(export).items():
            bucket.put(f"raw/flights/{name}", content)
        kubectl.apply(MANIFESTS)
        _wait(kubectl, began, _is_routed)
        with users.asking(ADDRESS, HOSTNAME, unseen.rows) as answers:
            _wait(kubectl, began, _has_rejected)
            kubectl.wait_for("ModelDeployment", MODEL, _is_back, PATIENCE)
            kubectl.apply(MANIFESTS)
            applied = time.monotonic()
            time.sleep(QUIET)
            deployment = kubectl.get("ModelDeployment", MODEL)
    rejected = deployment["status"]["rejected"][0]
    version = kubectl.get("ModelVersion", rejected["version"])
    served = probabilities(trained(bucket, version), unseen.flights)
    wrong = [each for each in answers.all if each.revision == rejected["revision"]]
    if not wrong:
        raise DemoFailedError(f"rejected before it answered a user: {rejected['message']}")
    stable = deployment["status"]["stable"]
    came_back = [each for each in wrong if each.asked > applied]
    return Story(
        times=Times(
            trained=seen.first("ModelVersion", _is_ready(rejected["version"])) - began,
            first_answer=min(each.at for each in wrong) - began,
            verdict=seen.first("ModelDeployment", _is_verdict) - began,
            last_answer=max(each.at for each in wrong) - began,
            applied_again=applied - began,
        ),
        before=kubectl.get("ModelVersion", stable["version"])["spec"]["evaluation"],
        recorded=version["spec"]["evaluation"],
        auc=float(roc_auc_score(unseen.happened, served)),
        called_late=float(np.mean(served > LATE)),
        called_late_before=float(np.mean(unseen.expected > LATE)),
        rejected=rejected,
        known_bad=_known_bad(deployment),
        requests=len(answers.all),
        answered_by_it=len(wrong),
        failures=tuple(answers.failures),
        largest_difference=_largest_difference(
            answers, {stable["revision"]: unseen.expected, rejected["revision"]: served}
        ),
        came_back=bool(came_back) or "candidate" in deployment["status"],
        gaps=tuple(seen.gaps),
    )


def _wait(kubectl: Kubectl, began: float, holds: Callable[[Manifest], bool]) -> None:
    """Wait until something holds of the ModelDeployment."""

    def is_reached(objects: Sequence[Manifest], _: live.Stages) -> bool:
        return any(holds(each) for each in objects if each["kind"] == "ModelDeployment")

    watched(kubectl, began, is_reached, transient=True)


def _is_routed(deployment: Manifest) -> bool:
    """The Gateway is seen to use the route."""
    return "proven" in (deployment["status"].get("shift") or {})


def _has_rejected(deployment: Manifest) -> bool:
    """A revision is rejected."""
    return bool((deployment.get("status") or {}).get("rejected"))


def _is_verdict(event: Event) -> bool:
    return _has_rejected(event.object)


def _is_back(deployment: Manifest) -> bool:
    """The Gateway is seen to send all traffic to the former revision."""
    return "candidate" not in deployment["status"] and _is_routed(deployment)


def _is_ready(version: str) -> Callable[[Event], bool]:
    is_ready = condition("Ready")
    return lambda event: event.object["metadata"]["name"] == version and is_ready(event.object)


def _known_bad(deployment: Manifest) -> str:
    """Return what a condition says of the rejected revision."""
    found = (each for each in conditions(deployment).values() if each["reason"] == "KnownBad")
    return next((str(each["message"]) for each in found), "")


def _largest_difference(answers: Answers, expected: Mapping[str, np.ndarray]) -> float:
    """Compare each answer with what the pipeline of its version says."""
    return max(
        float(np.max(np.abs(expected[each.revision][each.flights] - each.probabilities)))
        for each in answers.all
    )
