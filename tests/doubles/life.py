"""A namespace with a life: the real reconcilers, a store, Jobs that end on command, and time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from builders import dataset as datasets
from builders import job as jobs
from builders import model as models
from builders.job import CONFIGURATION, NOON
from doubles.memory_cluster import MemoryCluster
from perennial.api.configuration import Configuration
from perennial.api.manifest import is_over
from perennial.api.schema import API_VERSION
from perennial.api.times import to_timestamp
from perennial.cluster.cache import Cache, Key, key_of
from perennial.cluster.execute import owned
from perennial.observing.dataset import DatasetReconciler
from perennial.observing.model import ModelReconciler
from perennial.observing.model_version import ModelVersionReconciler
from perennial.planning.plan import Create, Delete, Plan, PostEvent

NAMESPACE = "delays"
KINDS = ("Dataset", "Model", "ModelVersion")


class Life:
    """One namespace; nothing happens in it by itself."""

    def __init__(self, configuration: Configuration = CONFIGURATION) -> None:
        self.store = Cache()
        self.now = NOON
        self.events: list[PostEvent] = []
        self.refused: dict[str, tuple[dict[str, Any], ...]] = {}
        self._writes = 0
        self.restart(configuration)

    def restart(self, configuration: Configuration) -> None:
        """Restart the operator with this configuration; it remembers nothing."""
        self.configuration = configuration
        clients = self.store, MemoryCluster()
        reconcilers = (
            DatasetReconciler(configuration, *clients),
            ModelReconciler(configuration, *clients),
            ModelVersionReconciler(self.store),
        )
        self.reconcilers: dict[str, Any] = {each.kind: each for each in reconcilers}

    # What people do

    def apply(self, kind: str, name: str, spec: Any, **annotations: str) -> None:
        """Write a spec, as kubectl apply does."""
        written = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        key = Key(kind, NAMESPACE, name)
        before = self.store.get(key)
        generation = before["metadata"]["generation"] if before else 0
        changed = before is None or before["spec"] != written
        metadata = {**self._metadata(key, before), "annotations": annotations}
        metadata["generation"] = generation + changed
        status = before.get("status") if before else {"observedGeneration": -1}
        self._write(
            {
                "apiVersion": API_VERSION,
                "kind": kind,
                "metadata": metadata,
                "spec": written,
                "status": status,
            }
        )

    def serve(self, name: str, stable: str) -> None:
        """Have a ModelDeployment serve a version."""
        key = Key("ModelDeployment", NAMESPACE, name)
        status = {"stable": {"version": stable}}
        metadata = self._metadata(key, self.store.get(key))
        spec = {"model": {"name": "delay"}}
        self._write(
            {"kind": key.kind, "metadata": metadata, "spec": spec, "status": status},
        )

    def delete(self, kind: str, name: str) -> None:
        """Delete an object; garbage collection takes what it owned."""
        found = self.store.get(Key(kind, NAMESPACE, name))
        if found is not None:
            self._remove(found)

    # What the cluster does

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def jobs(self, *, unfinished: bool = False) -> list[Mapping[str, Any]]:
        found = self.store.of_kind("Job", NAMESPACE)
        return [job for job in found if not (unfinished and is_over(job))]

    def pod(self, job: str, phase: str = "Pending", *states: Any, **status: Any) -> None:
        """Show the pod of a Job in this state."""
        manifest = self.store.get(Key("Job", NAMESPACE, job))
        assert manifest is not None
        shown = jobs.pod(phase, *states, **status)
        key = Key("Pod", NAMESPACE, f"{job}-x7k2p")
        metadata = self._metadata(key, self.store.get(key))
        self._write(owned({**shown, "metadata": metadata}, manifest))

    def over(self, job: str, kind: str) -> None:
        """Let the Job controller notice that a Job's pod has ended."""
        manifest = self.store.get(Key("Job", NAMESPACE, job))
        assert manifest is not None
        status = {"conditions": [jobs.condition(kind, after=self.seconds)]}
        self._write({**manifest, "status": status})

    def succeeds(self, job: str, report: Any) -> None:
        """Let a Job end with a report."""
        message = report.model_dump_json(by_alias=True, exclude_none=True)
        ended = [jobs.ended(step, after=self.seconds) for step in ("prepare", "work")]
        last = jobs.ended("publish", 0, message, after=self.seconds)
        self.pod(job, "Succeeded", *ended, last)
        self.over(job, "Complete")

    def breaks(self, job: str, reason: str, *, in_spec: bool = False) -> None:
        """Let a Job's work report a failure, before the Job controller notices."""
        message = (
            f'{{"reason":"{reason}","message":"{reason} it is","inSpec":{str(in_spec).lower()}}}'
        )
        self.pod(job, "Failed", jobs.ended("work", 1, message, after=self.seconds))

    def fails(self, job: str, reason: str, *, in_spec: bool = False) -> None:
        """Let a Job's work report a failure."""
        self.breaks(job, reason, in_spec=in_spec)
        self.over(job, "Failed")

    def notices(self) -> None:
        """Let the Job controller notice every pod that has failed."""
        for job in self.jobs(unfinished=True):
            pods = self.store.owned(job["metadata"]["uid"])
            if any(pod["status"]["phase"] == "Failed" for pod in pods):
                self.over(job["metadata"]["name"], "Failed")

    def works(self, digit: str = "a") -> None:
        """Let every Job that is at work succeed."""
        for job in self.jobs(unfinished=True):
            name, kind = job["metadata"]["name"], job["metadata"]["labels"]["perennial.dev/kind"]
            self.succeeds(name, datasets.report(digit) if kind == "Dataset" else models.report())

    @property
    def seconds(self) -> float:
        """Return how many seconds have passed since noon."""
        return (self.now - NOON).total_seconds()

    # What the operator does

    def look(self, kind: str, name: str, crash_after: int | None = None) -> Plan[Any] | None:
        """Let the operator look at one object; it may crash after some of its actions."""
        manifest = self.store.get(Key(kind, NAMESPACE, name))
        if manifest is None:
            return None
        reconciler = self.reconcilers[kind]
        plan: Plan[Any] = reconciler.plan(reconciler.observe(manifest, self.refused, self.now))
        for action in plan.actions[:crash_after]:
            self._act(action, manifest)
        if crash_after is None:
            status = plan.status.model_dump(mode="json", by_alias=True, exclude_none=True)
            if status != manifest["status"]:
                self._write({**manifest, "status": status})
        return plan

    def settles(self, rounds: int = 6) -> None:
        """Let the operator look at everything until it has nothing more to do."""
        for _ in range(rounds):
            before = self._writes
            for key in self.store.keys(KINDS):
                self.look(key.kind, key.name)
            if self._writes == before:
                return
        raise AssertionError(f"not settled after {rounds} rounds")

    def get(self, kind: str, name: str) -> Mapping[str, Any]:
        found = self.store.get(Key(kind, NAMESPACE, name))
        assert found is not None
        return found

    def _act(self, action: Any, owner: Mapping[str, Any]) -> None:
        match action:
            case Create(manifest):
                key = key_of(manifest)
                if self.store.get(key) is None:
                    metadata = {**manifest["metadata"], **self._metadata(key, None)}
                    metadata["generation"] = 1
                    made = {**manifest, "metadata": metadata}
                    status = {"observedGeneration": -1} if key.kind in KINDS else {}
                    self._write(owned({**made, "status": status}, owner))
            case Delete(kind, name, uid):
                found = self.store.get(Key(kind, NAMESPACE, name))
                if found is not None and found["metadata"]["uid"] == uid:
                    self._remove(found)
            case PostEvent():
                self.events.append(action)

    def _metadata(self, key: Key, before: Mapping[str, Any] | None) -> dict[str, Any]:
        if before is not None:
            return dict(before["metadata"])
        return {
            "name": key.name,
            "namespace": NAMESPACE,
            "uid": f"{key.kind}-{self._writes}",
            "generation": 1,
            "creationTimestamp": to_timestamp(self.now),
        }

    def _write(self, manifest: Mapping[str, Any]) -> None:
        self._writes += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self._writes)}
        self.store.put({**manifest, "metadata": metadata})

    def _remove(self, manifest: Mapping[str, Any]) -> None:
        self._writes += 1
        for child in self.store.owned(manifest["metadata"]["uid"]):
            self._remove(child)
        metadata = {**manifest["metadata"], "resourceVersion": str(self._writes)}
        self.store.remove({**manifest, "metadata": metadata})
