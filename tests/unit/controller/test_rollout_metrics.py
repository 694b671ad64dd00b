"""What a scrape tells about rollouts."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from builders.model_deployment import NOON
from builders.rollout_evidence import gate
from perennial.api.model_deployment import ModelDeploymentStatus, RevisionStatus
from perennial.api.rollout_status import RejectedRevision, RolloutStatus, ShiftStatus
from perennial.api.schema import API_VERSION
from perennial.cluster.cache import Cache
from perennial.controller.rollout_metrics import RolloutCollector

BAD = RejectedRevision(
    version="churn-2", revision="b" * 10, at=NOON, reason="GateFailed", message="errors"
)


def exposed(status):
    cache = Cache()
    metadata = {"name": "churn", "namespace": "team-a", "uid": "1", "resourceVersion": "1"}
    dumped = status if isinstance(status, dict) else status.model_dump(mode="json", by_alias=True)
    cache.put(
        {
            "apiVersion": API_VERSION,
            "kind": "ModelDeployment",
            "metadata": metadata,
            "spec": {},
            "status": dumped,
        }
    )
    registry = CollectorRegistry()
    registry.register(RolloutCollector(cache))
    lines = generate_latest(registry).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if "{" in line)
    return {_as_written(series): float(value) for series, _, value in pairs}


def _as_written(series):
    """Return a series with its labels in order, without those of the object."""
    name, _, labels = series.removesuffix("}").partition("{")
    own = sorted(set(labels.split(",")) - {'name="churn"', 'namespace="team-a"'})
    return f"{name.removeprefix('perennial_model_deployment_')}{{{','.join(own)}}}"


def served(weight, version="churn-1"):
    return RevisionStatus(
        version=version, revision="a" * 10, replicas=2, ready=2, weight=weight, since=NOON
    )


def test_weights_stages_and_gates_are_those_of_the_status():
    rollout = RolloutStatus(
        strategy="Canary",
        step=2,
        stage="Analyzing",
        weight=25,
        started_at=NOON,
        stage_since=NOON,
        gates=(gate("errors", "Inconclusive"),),
    )
    found = exposed(
        ModelDeploymentStatus(stable=served(75), candidate=served(25, "churn-2"), rollout=rollout)
    )
    assert found['weight{role="stable",version="churn-1"}'] == 75
    assert found['weight{role="candidate",version="churn-2"}'] == 25
    assert found['stage{stage="Analyzing",step="2"}'] == 1
    assert found['gate{gate="errors",outcome="Inconclusive"}'] == 1


def test_rejections_are_counted_by_reason_and_the_way_back_is_timed():
    shift = ShiftStatus(wanted="c" * 10, at=NOON, proven=NOON + timedelta(seconds=3))
    found = exposed(ModelDeploymentStatus(stable=served(100), rejected=(BAD,), shift=shift))
    assert found['rejected_revisions{reason="GateFailed"}'] == 1
    assert found["rollback_seconds{}"] == 3


def test_a_foreign_status_hides_no_other_metric():
    assert exposed({"stable": "nobody"}) == {}
