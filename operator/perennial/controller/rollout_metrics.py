"""The rollouts of all ModelDeployments as metrics, from their statuses at the time of a scrape."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.cluster.cache import Cache, Key
from perennial.observing.served import status_of

_ROLES: Final = ("stable", "candidate", "former")


class _Seen(NamedTuple):
    key: Key
    status: ModelDeploymentStatus


class RolloutCollector:
    """Reads the cache at each scrape, so that a restart changes nothing."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of all rollouts."""
        found = list(self._seen())
        weights = _family("weight", "Share of the traffic in percent.", "role", "version")
        stages = _family("stage", "Stage of the rollout in progress; always 1.", "stage", "step")
        gates = _family("gate", "Outcome of a gate of the rollout; always 1.", "gate", "outcome")
        rejected = _family("rejected_revisions", "Rejected revisions, by reason.", "reason")
        returned = _family("rollback_seconds", "Time from the last verdict to the proven shift.")
        for seen in found:
            _add_weights(weights, seen)
            _add_rollout(stages, gates, seen)
            _add_rejections(rejected, returned, seen)
        yield from (weights, stages, gates, rejected, returned)

    def _seen(self) -> Iterator[_Seen]:
        for key in self._cache.keys(("ModelDeployment",)):
            yield _Seen(key, status_of(self._cache.get(key) or {}))


def _family(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(
        f"perennial_model_deployment_{name}", help_text, labels=("namespace", "name", *labels)
    )


def _add_weights(family: GaugeMetricFamily, seen: _Seen) -> None:
    for role in _ROLES:
        revision = getattr(seen.status, role)
        if revision is not None and revision.weight is not None:
            labels = (seen.key.namespace, seen.key.name, role, revision.version)
            family.add_metric(labels, revision.weight)


def _add_rollout(stages: GaugeMetricFamily, gates: GaugeMetricFamily, seen: _Seen) -> None:
    rollout = seen.status.rollout
    if rollout is None:
        return
    place = (seen.key.namespace, seen.key.name)
    stages.add_metric((*place, rollout.stage, str(rollout.step)), 1)
    for gate in rollout.gates:
        gates.add_metric((*place, gate.name, gate.outcome), 1)


def _add_rejections(rejected: GaugeMetricFamily, returned: GaugeMetricFamily, seen: _Seen) -> None:
    place, status = (seen.key.namespace, seen.key.name), seen.status
    reasons = [each.reason for each in status.rejected]
    for reason in sorted(set(reasons)):
        rejected.add_metric((*place, reason), reasons.count(reason))
    shift = status.shift
    last = status.rejected[0] if status.rejected else None
    if shift and shift.proven and last and shift.at >= last.at:
        returned.add_metric(place, (shift.proven - last.at).total_seconds())
