"""A small operator around a cluster in memory, and a reconciler that wants two children."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from doubles.memory_cluster import MemoryCluster
from perennial.api import conditions, names
from perennial.api.dataset import DatasetSpec, DatasetStatus
from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key
from perennial.cluster.execute import Executor
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.resources import OWN, WATCHABLE
from perennial.planning.plan import Action, Apply, Create, Plan, PostEvent
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import Loop
from perennial.reconcile.metrics import LoopMetrics
from perennial.reconcile.queue import Queue
from perennial.reconcile.resync import Resync
from perennial.reconcile.sweep import Sweep
from perennial.reconcile.worker import Worker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESYNC = 600.0


def dataset(
    name: str = "flights", path: str = "raw/flights/", namespace: str | None = "delays", **spec: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "perennial.dev/v1alpha1",
        "kind": "Dataset",
        "metadata": {"name": name} | ({"namespace": namespace} if namespace else {}),
        "spec": {"source": {"object": {"path": path}}} | spec,
    }


def job(name: str = "flights-job", dataset_name: str = "flights") -> dict[str, Any]:
    labels = names.labels("Dataset", dataset_name)
    pod = {"restartPolicy": "Never", "containers": [{"name": "step", "image": "job:1"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "suspend": True,  # on a cluster with nodes nothing runs
            "backoffLimit": 0,
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def service(name: str = "flights", path: str = "a") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": names.labels("Dataset", name)},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "protocol": "TCP"}]},
    }


@dataclass(frozen=True)
class Seen:
    """What the small reconciler observes."""

    manifest: Manifest
    spec: DatasetSpec
    status: DatasetStatus
    children: tuple[Manifest, ...]
    now: datetime


@dataclass
class TwoChildren:
    """Wants a Job and a Service for each Dataset, and is Ready when both are there."""

    kind: str = "Dataset"
    requeue_after: timedelta | None = None
    trouble: list[Exception] = field(default_factory=list)
    extra: list[Action] = field(default_factory=list)
    cache: Cache = field(default_factory=Cache)
    looked_at: list[datetime] = field(default_factory=list)

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        wanted = (manifest.get("spec") or {}).get("owner") or {}
        namespace = manifest["metadata"]["namespace"]
        return (Key("Model", namespace, wanted["team"]),) if wanted else ()

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        concerned = (manifest.get("metadata") or {}).get("annotations", {}).get("concerns")
        return (Key("Model", manifest["metadata"]["namespace"], concerned),) if concerned else ()

    async def look(self, manifest: Manifest, now: datetime) -> None:
        self.looked_at.append(now)

    def observe(self, manifest: Manifest, looked: None, now: datetime) -> Seen:
        if self.trouble:
            raise self.trouble.pop(0)
        return Seen(
            manifest,
            DatasetSpec.model_validate(manifest["spec"]),
            DatasetStatus.model_validate(manifest.get("status") or {}),
            self.cache.owned(manifest["metadata"]["uid"]),
            now,
        )

    def plan(self, observed: Seen) -> Plan[DatasetStatus]:
        name = observed.manifest["metadata"]["name"]
        actions: list[Action] = [Create(job(f"{name}-job", name)), Apply(service(name))]
        if {child["kind"] for child in observed.children} == {"Job", "Service"}:
            findings = conditions.ready("SnapshotReady", "both are there")
        else:
            findings = conditions.reconciling("FirstSnapshot", "making two children")
        reason = findings[conditions.ConditionType.READY].reason
        if reason not in {each.reason for each in observed.status.conditions}:
            actions.append(PostEvent("Normal", reason, f"{name} says so"))
        generation = observed.manifest["metadata"]["generation"]
        merged = conditions.merge(observed.status.conditions, findings, generation, observed.now)
        status = observed.status.model_copy(
            update={"observed_generation": generation, "conditions": merged}
        )
        return Plan(status, (*self.extra, *actions), self.requeue_after)


class SmallOperator:
    """All parts of the operator except its process."""

    def __init__(
        self, cluster: MemoryCluster, reconciler: TwoChildren | None = None, gathering: float = 0.0
    ) -> None:
        self.registry = CollectorRegistry()
        self.time = 1000.0
        self.questions: dict[Key, object | None] = {}
        self.cluster = cluster
        self.reconciler = reconciler or TwoChildren()
        self.cache = self.reconciler.cache
        self.queue = Queue(lambda: 0.5)
        self.metrics = LoopMetrics(self.registry)
        self.feed = Feed(
            self.cache,
            self.queue,
            dict.fromkeys(OWN, self.reconciler),
            lambda: self.time,
            gathering,
        )
        counted = ClusterMetrics(self.registry)
        self.executor = Executor(cluster, self.cache, self.feed.ingest, counted)
        self.loop = Loop(
            dict.fromkeys(OWN, self.reconciler),
            self.cache,
            self.executor,
            lambda: NOON,
            self.questions.__setitem__,
        )
        self.sweep = Sweep(cluster, self.cache, self.feed, self.metrics, ())
        self.resync = Resync(cluster, self.sweep, self.feed, lambda: self.time, RESYNC)
        self.worker = Worker(self.loop, self.queue, self.feed, self.metrics, lambda: self.time)

    async def settle(self) -> None:
        """Work until nothing is left that is due now."""
        while self.queue.depth():
            await self.worker.work_once()

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def watching(cluster: MemoryCluster, reconciler: TwoChildren | None = None) -> SmallOperator:
    """Return a small operator that every change in the cluster reaches."""
    operator = SmallOperator(cluster, reconciler)

    def tell(change: str, manifest: Manifest) -> None:
        if manifest["kind"] in WATCHABLE:
            operator.feed.ingest(change, manifest)

    cluster.watchers.append(tell)
    return operator


def says(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Return each condition's status and reason."""
    stated = (manifest.get("status") or {}).get("conditions") or ()
    return {each["type"]: (each["status"], each["reason"]) for each in stated}
