"""A namespace with a ModelDeployment: its pods, its Service, and a Gateway that lags behind."""

from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any

from builders import model_deployment as deployments
from builders.decision import admitted
from builders.model_deployment import NOON, WITH_PROMETHEUS
from builders.rollout_evidence import COMPARED, gates
from perennial.api.model_deployment import ModelDeploymentSpec
from perennial.api.names import KIND, NAME, REVISION, STABLE
from perennial.api.schema import API_VERSION
from perennial.api.times import to_timestamp
from perennial.cluster.cache import Cache, Key, key_of
from perennial.cluster.execute import owned
from perennial.observing.model_deployment import ModelDeploymentReconciler
from perennial.planning.model_deployment import route as routes
from perennial.planning.model_deployment.question import Answer, Question
from perennial.planning.model_deployment.server_pods import is_ready
from perennial.planning.plan import Apply, Create, Delete, Plan
from perennial.servers.client import Redirect

OWN_NAME, NAMESPACE = deployments.NAME, deployments.NAMESPACE
DEPLOYMENT = Key("ModelDeployment", NAMESPACE, OWN_NAME)
ROUTE = Key("HTTPRoute", NAMESPACE, OWN_NAME)
ADDRESS = Key("Service", NAMESPACE, OWN_NAME)
LISTENER = {
    "name": "web",
    "port": 80,
    "protocol": "HTTP",
    "allowedRoutes": {"namespaces": {"from": "All"}},
}


class RolloutLife:
    """One ModelDeployment; nothing happens to it by itself."""

    def __init__(self, spec: ModelDeploymentSpec) -> None:
        self.cache = Cache()
        self.cache.cover("HTTPRoute")
        self.now = NOON
        self.outcomes: dict[str, str] = {}
        """What the evidence says of the gates that have not passed."""
        self.writes = 0
        self.gateway: Mapping[str, Any] | None = None
        """The route that the Gateway uses; it may be older than the one that was written."""
        self.restart()
        self._put("Model", deployments.MODEL, status={})
        self._put(
            "Gateway",
            "public",
            namespace="edge",
            spec={"listeners": [LISTENER]},
            status={"addresses": [{"type": "IPAddress", "value": "10.0.0.9"}]},
        )
        self.apply(spec)

    def restart(self) -> None:
        """Restart the operator; it remembers nothing."""
        self.reconciler = ModelDeploymentReconciler(WITH_PROMETHEUS, self.cache, self, self)
        self.question: Question | None = None

    # What people do

    def apply(self, spec: ModelDeploymentSpec) -> None:
        """Write a spec, as kubectl apply does."""
        written = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        before = self.cache.get(DEPLOYMENT)
        generation = before["metadata"]["generation"] if before else 0
        if before is None or before["spec"] != written:
            status = before["status"] if before else {"observedGeneration": -1}
            parts = {"spec": written, "status": status}
            self._put(*DEPLOYMENT[::2], generation=generation + 1, **parts)

    def version(self, number: int, *, ready: bool = True) -> None:
        """Have a ModelVersion that is Ready, or is not any more."""
        of = deployments.version(number, ready=ready)
        dumped = {"mode": "json", "by_alias": True, "exclude_none": True}
        known = self.cache.get(Key("ModelVersion", NAMESPACE, of.name))
        kept = known["status"].get("rejections", []) if known else []
        status = {**of.status.model_dump(**dumped), "rejections": kept}
        parts = {"spec": of.spec.model_dump(**dumped), "status": status}
        self._put("ModelVersion", of.name, **parts)

    def current(self, number: int) -> None:
        status = {"currentVersion": deployments.version(number).name}
        self._put("Model", deployments.MODEL, status=status)

    def decide(self, verdict: str) -> None:
        """Create a Decision about what the status names now, if it names anything."""
        of = {"Retry": "rejected", "Override": "rejected", "Rollback": "stable"}
        found = self.status.get(of.get(verdict, "candidate")) or None
        named = found[0] if isinstance(found, list) else found
        if named is None:
            return
        former = (self.status.get("former") or {}).get("version", "none")
        spec = {
            "subject": {"kind": "ModelDeployment", "name": OWN_NAME, "revision": named["revision"]},
            "verdict": verdict,
            "by": "alice",
            **({"to": {"version": former}} if verdict == "Rollback" else {}),
        }
        status = admitted().model_dump(mode="json", by_alias=True, exclude_none=True)
        self._put("Decision", f"decision-{self.writes}", spec=spec, status=status)

    def revision_of(self, decision: str) -> str | None:
        """Return the revision that a Decision names."""
        found = self.cache.get(Key("Decision", NAMESPACE, decision))
        return found["spec"]["subject"]["revision"] if found else None

    # What the cluster does

    def pods(self, number: int, ready: int) -> None:
        """Let the pods of a version's revision be as many as wanted, so many of them ready."""
        server = self.server(deployments.revision(number))
        if server is None:
            return
        wanted = server["spec"]["replicas"]
        for index in range(max(wanted, self.count(server) + 1)):
            name = f"{server['metadata']['name']}-{index}"
            if index >= wanted:
                self._remove(Key("Pod", NAMESPACE, name))
                continue
            labels = server["spec"]["template"]["metadata"]["labels"]
            conditions = [
                {
                    "type": "Ready",
                    "status": str(index < ready),
                    "lastTransitionTime": to_timestamp(self.now),
                }
            ]
            status = {"phase": "Running", "conditions": conditions}
            self._put("Pod", name, labels=labels, status=status)

    def gateway_syncs(self) -> None:
        """Let the Gateway take over the route as it stands."""
        self.gateway = self.cache.get(ROUTE)

    def served(self) -> dict[str, int]:
        """Return the weights that the Gateway uses."""
        return routes.weights_of(OWN_NAME, self.gateway) if self.gateway else {}

    def written(self) -> dict[str, int]:
        """Return the weights in the route."""
        route = self.cache.get(ROUTE)
        return routes.weights_of(OWN_NAME, route) if route else {}

    def selector(self) -> Mapping[str, str]:
        """Return the labels that the address Service selects."""
        address = self.cache.get(ADDRESS)
        selected: Mapping[str, str] = address["spec"]["selector"] if address else {}
        return selected

    def in_rotation(self) -> set[str]:
        """Return the revisions whose pods the address Service selects."""
        chosen = self.selector().items()
        if not chosen:
            return set()
        servers = (each["spec"]["template"]["metadata"]["labels"] for each in self.servers())
        return {labels[REVISION] for labels in servers if chosen <= labels.items()}

    def servers(self) -> list[Mapping[str, Any]]:
        return list(self.cache.of_kind("Deployment", NAMESPACE))

    def server(self, revision: str) -> Mapping[str, Any] | None:
        return self.cache.get(Key("Deployment", NAMESPACE, f"{OWN_NAME}-{revision}"))

    def ready(self, revision: str) -> int:
        """Return how many pods of a revision are ready."""
        pods = self.cache.of_kind("Pod", NAMESPACE)
        return sum(is_ready(pod) for pod in pods if pod["metadata"]["labels"][REVISION] == revision)

    def count(self, server: Mapping[str, Any]) -> int:
        """Return the number of pods of a Deployment."""
        revision = server["metadata"]["labels"][REVISION]
        pods = self.cache.of_kind("Pod", NAMESPACE)
        return sum(pod["metadata"]["labels"][REVISION] == revision for pod in pods)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # What the operator asks

    async def is_ready(self, host: str, port: int, model: str) -> bool:
        return any(self.ready(revision) for revision in self.in_rotation())

    async def redirects(self, expected: Redirect) -> bool:
        return self.gateway is not None and routes.marker_of(self.gateway) == expected.header[1]

    def latest(self, key: Key) -> Answer | None:
        """Answer what the last plan asked."""
        if self.question is None:
            return None
        baseline = self.question.baseline or COMPARED
        begun = self.question.source.begin
        return Answer(self.question, baseline, gates(**self.outcomes), begun)

    # What the operator does

    @property
    def status(self) -> Mapping[str, Any]:
        return self.manifest["status"]

    @property
    def manifest(self) -> Mapping[str, Any]:
        found = self.cache.get(DEPLOYMENT)
        assert found is not None
        return found

    def look(self, crash_after: int | None = None) -> Plan[Any]:
        """Let the operator look; it may crash after some actions, before it writes the status."""
        manifest = self.manifest
        looked = _at_once(self.reconciler.look(manifest, self.now))
        plan: Plan[Any] = self.reconciler.plan(self.reconciler.observe(manifest, looked, self.now))
        for action in plan.actions[:crash_after]:
            self._act(action)
        if crash_after is None:
            status = plan.status.model_dump(mode="json", by_alias=True, exclude_none=True)
            self.record(status)
            self.question = plan.question
        return plan

    def record(self, status: Mapping[str, Any]) -> None:
        if status != self.status:
            metadata, spec = self.manifest["metadata"], self.manifest["spec"]
            generation = metadata["generation"]
            self._put(*DEPLOYMENT[::2], generation=generation, spec=spec, status=status)
            for rejected in status.get("rejected", ()):
                self._remember(rejected)
            for record in status.get("decisions", ()):
                self._settle(record)

    def _settle(self, record: Mapping[str, Any]) -> None:
        """Copy an outcome to its Decision, as the reconciler of Decisions does."""
        decision = self.cache.get(Key("Decision", NAMESPACE, record["name"]))
        if decision is not None and "outcome" not in decision["status"]:
            outcome = {key: record[key] for key in ("outcome", "at", "message")}
            status = {**decision["status"], **outcome}
            self._put("Decision", record["name"], spec=decision["spec"], status=status)

    def _remember(self, rejected: Mapping[str, Any]) -> None:
        """Copy a rejection to its version, as the reconciler of ModelVersions does."""
        version = self.cache.get(Key("ModelVersion", NAMESPACE, rejected["version"]))
        if version is None:
            return
        copied = {key: rejected[key] for key in ("revision", "at", "reason", "message")}
        copied = {"deployment": OWN_NAME, **copied}
        known = version["status"].get("rejections", [])
        if copied not in known:
            others = [each for each in known if each["revision"] != copied["revision"]]
            rejections = [copied, *others]
            status = {**version["status"], "rejections": rejections}
            self._put("ModelVersion", rejected["version"], spec=version["spec"], status=status)

    def _act(self, action: Any) -> None:
        match action:
            case Apply(manifest):
                self._apply(owned(manifest, self.manifest))
            case Create(manifest):
                if self.cache.get(key_of(manifest)) is None:
                    self._apply(owned(manifest, self.manifest))
            case Delete(kind, name, _):
                self._remove(Key(kind, NAMESPACE, name))

    def _apply(self, wanted: Mapping[str, Any]) -> None:
        """Apply server-side: what an earlier apply stated and this one does not is removed."""
        key = key_of(wanted)
        before = self.cache.get(key) or {"metadata": {}, "spec": {}}
        metadata = {**before["metadata"], **wanted["metadata"]}
        metadata["annotations"] = wanted["metadata"].get("annotations", {})
        spec = {**before["spec"], **wanted["spec"]}
        if key == ADDRESS:
            spec["clusterIP"] = "10.0.0.7"
            kept = before["metadata"].get("annotations", {}).get(STABLE)
            assert not kept or STABLE in metadata["annotations"], "the mark was forgotten"
        if (
            before.get("spec") != spec
            or before["metadata"].get("annotations") != metadata["annotations"]
        ):
            fields = {k: metadata[k] for k in ("annotations", "labels", "ownerReferences")}
            self._put(key.kind, key.name, spec=spec, **fields)

    def _put(self, kind: str, name: str, *, namespace: str = NAMESPACE, **parts: Any) -> None:
        self.writes += 1
        known = self.cache.get(Key(kind, namespace, name))
        metadata = {
            "name": name,
            "namespace": namespace,
            "uid": known["metadata"]["uid"] if known else f"{kind}-{self.writes}",
            "generation": parts.pop("generation", 1),
            "resourceVersion": str(self.writes),
            "creationTimestamp": to_timestamp(NOON),
            "labels": parts.pop("labels", None) or {KIND: "ModelDeployment", NAME: OWN_NAME},
            "annotations": parts.pop("annotations", {}),
            "ownerReferences": parts.pop("ownerReferences", []),
        }
        self.cache.put({"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, **parts})

    def _remove(self, key: Key) -> None:
        found = self.cache.get(key)
        if found is None:
            return
        self.writes += 1
        if key.kind == "Deployment":
            for pod in self.cache.of_kind("Pod", NAMESPACE):
                if pod["metadata"]["labels"][REVISION] == found["metadata"]["labels"][REVISION]:
                    self._remove(key_of(pod))
        metadata = {**found["metadata"], "resourceVersion": str(self.writes)}
        self.cache.remove({**found, "metadata": metadata})


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """Return the result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the double does not wait")
