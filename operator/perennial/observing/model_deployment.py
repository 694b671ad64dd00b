"""Gathers what the plan of a ModelDeployment depends on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest, condition
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import (
    LATEST,
    ModelDeploymentSpec,
    ModelDeploymentStatus,
)
from perennial.api.names import KIND, NAME, REVISION, SERVED_UNTIL, VERSION
from perennial.api.times import to_datetime
from perennial.cluster.cache import Cache, Key, controller_of, key_of
from perennial.observing import served
from perennial.observing.custom_counters import expression_problem
from perennial.observing.decisions import Decisions
from perennial.observing.gateway import gateway_key, probe_of, route_seen
from perennial.observing.rollout_evidence import Evidence
from perennial.observing.specs import Memo, Parsed
from perennial.observing.versions import Versions
from perennial.planning.decision.decision import Decision
from perennial.planning.model_deployment import services
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.revision import Child, Running
from perennial.planning.model_deployment.server_pods import (
    blocker,
    is_ending,
    is_ready,
    restarts,
)
from perennial.prometheus.queries import SeriesLabels
from perennial.servers.client import ModelServers


class Looked(NamedTuple):
    """What only a request can tell."""

    answers: bool = False
    """Whether the address answered just now."""
    shift_seen: str | None = None
    """The marker of the route that every connection to the Gateway saw just now."""


class ModelDeploymentReconciler:
    """Rolls out the versions that ModelDeployments ask for."""

    kind = "ModelDeployment"
    plan = staticmethod(plan)

    def __init__(
        self,
        configuration: Configuration,
        cache: Cache,
        servers: ModelServers,
        evidence: Evidence,
    ) -> None:
        self._configuration = configuration
        self._cache = cache
        self._servers = servers
        self._evidence = evidence
        self._specs = Parsed(ModelDeploymentSpec.model_validate)
        self._versions = Versions()
        self._decisions = Decisions()
        self._expressions: Memo[str | None] = Memo()

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Model, which changes with each version, a pinned version, and the Gateway."""
        namespace = manifest["metadata"]["namespace"]
        wanted = (manifest.get("spec") or {}).get("model") or {}
        model, version = wanted.get("name"), wanted.get("version", LATEST)
        keys = [Key("Model", namespace, model)] if model else []
        if version != LATEST:
            keys.append(Key("ModelVersion", namespace, version))
        if gateway := gateway_key(manifest):
            keys.append(gateway)
        return tuple(keys)

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the versions whose status names those who serve them, and who rejected them."""
        namespace = manifest["metadata"]["namespace"]
        stable, rejected = served.stable_version(manifest), served.rejected_versions(manifest)
        names = {*rejected, stable} if stable else rejected
        return tuple(Key("ModelVersion", namespace, name) for name in sorted(names))

    async def look(self, manifest: Manifest, _now: datetime) -> Looked:
        """Probe the address until it has answered once, and the Gateway until it shifted."""
        return Looked(await self._answers(manifest), await self._shift_seen(manifest))

    async def _answers(self, manifest: Manifest) -> bool:
        metadata = manifest["metadata"]
        service = self._cache.get(Key("Service", metadata["namespace"], metadata["name"]))
        if service is None or not _is_owned(service, manifest) or _has_answered(manifest):
            return False
        address, model = service["spec"]["clusterIP"], manifest["spec"]["model"]["name"]
        return await self._servers.is_ready(address, services.PORT, model)

    def observe(
        self,
        manifest: Manifest,
        looked: Looked,
        now: datetime,
    ) -> Observed:
        """Gather everything that the plan may depend on."""
        cache, metadata = self._cache, manifest["metadata"]
        name, namespace = metadata["name"], metadata["namespace"]
        spec = self._specs.of(manifest)
        children = cache.owned(metadata["uid"])
        address = cache.get(Key("Service", namespace, name))
        return Observed(
            name=name,
            namespace=namespace,
            generation=metadata["generation"],
            spec=spec,
            status=ModelDeploymentStatus.model_validate(manifest.get("status") or {}),
            configuration=self._configuration,
            model=_model(cache.get(Key("Model", namespace, spec.model.name))),
            versions=tuple(self._versions.readable(cache.of_kind("ModelVersion", namespace))),
            running=_running(children, _pods(cache, namespace, name)),
            children=tuple(_of_a_revision(children)),
            in_rotation=_if_owned(manifest, address, services.in_rotation),
            answers=looked.answers,
            now=now,
            stable_mark=_if_owned(manifest, address, services.stable_mark),
            serves_routes=cache.covers("HTTPRoute"),
            route=route_seen(cache, manifest),
            autoscaler=_uid(manifest, cache.get(Key("HorizontalPodAutoscaler", namespace, name))),
            shift_seen=looked.shift_seen,
            expression_problem=self._expression_problem(manifest, spec),
            decisions=self._decisions_about(namespace, name),
            created_at=to_datetime(metadata["creationTimestamp"]),
            answer=self._evidence.latest(key_of(manifest)),
        )

    def _decisions_about(self, namespace: str, name: str) -> tuple[Decision, ...]:
        manifests = self._cache.of_kind("Decision", namespace)
        return tuple(self._decisions.about(manifests, self.kind, name))

    def _expression_problem(self, manifest: Manifest, spec: ModelDeploymentSpec) -> str | None:
        """Return why an expression is refused; parsing takes up to a tenth of a second."""
        server, analysis = self._configuration.prometheus.default, spec.rollout.analysis
        if server is None or analysis is None or not analysis.custom:
            return None
        metadata = manifest["metadata"]
        labels = SeriesLabels(server.labels.namespace, server.labels.pod)
        return self._expressions.get(
            metadata["uid"],
            str(metadata["generation"]),
            lambda: expression_problem(analysis.custom, metadata["namespace"], labels),
        )

    async def _shift_seen(self, manifest: Manifest) -> str | None:
        probes = probe_of(self._cache, manifest)
        if not probes:
            return None
        seen = [await self._servers.redirects(probe) for probe in probes]
        return probes[0].header[1] if all(seen) else None


def _has_answered(manifest: Manifest) -> bool:
    return bool((manifest.get("status") or {}).get("history"))


def _is_owned(child: Manifest, owner: Manifest) -> bool:
    controller = controller_of(child)
    return controller is not None and controller["uid"] == owner["metadata"]["uid"]


def _if_owned(
    manifest: Manifest, address: Manifest | None, read: Callable[[Manifest], str | None]
) -> str | None:
    return read(address) if address and _is_owned(address, manifest) else None


def _uid(owner: Manifest, child: Manifest | None) -> str | None:
    return str(child["metadata"]["uid"]) if child and _is_owned(child, owner) else None


def _model(manifest: Manifest | None) -> ModelStatus | None:
    if manifest is None:
        return None
    try:
        return ModelStatus.model_validate(manifest.get("status") or {})
    except ValidationError:  # not of this operator's making; the Model's own reconciler mends it
        return ModelStatus()


def _pods(cache: Cache, namespace: str, name: str) -> dict[str, list[Manifest]]:
    """Return the pods of each revision by label: their owners, ReplicaSets, are not watched."""
    ours = {KIND: ModelDeploymentReconciler.kind, NAME: name}
    found: defaultdict[str, list[Manifest]] = defaultdict(list)
    for pod in cache.of_kind("Pod", namespace):
        labels = pod["metadata"].get("labels") or {}
        if ours.items() <= labels.items() and REVISION in labels and not is_ending(pod):
            found[labels[REVISION]].append(pod)
    return found


def _running(children: Iterable[Manifest], pods: dict[str, list[Manifest]]) -> dict[str, Running]:
    found = {}
    for child in children:
        labels = child["metadata"].get("labels") or {}
        if child["kind"] != "Deployment" or not {REVISION, VERSION} <= labels.keys():
            continue
        its = sorted(pods.get(labels[REVISION], ()), key=lambda pod: str(pod["metadata"]["name"]))
        found[labels[REVISION]] = Running(
            revision=labels[REVISION],
            version=labels[VERSION],
            wanted=child["spec"].get("replicas", 1),
            pods=len(its),
            ready=sum(map(is_ready, its)),
            blocker=blocker(child, its),
            restarts=restarts(its),
            ready_since=_ready_since(its),
            served_until=_served_until(child),
        )
    return found


def _ready_since(pods: Iterable[Manifest]) -> datetime | None:
    """Return when the youngest ready pod became ready."""
    times = [condition(pod, "Ready").get("lastTransitionTime") for pod in pods if is_ready(pod)]
    return max((to_datetime(time) for time in times if time), default=None)


def _served_until(child: Manifest) -> datetime | None:
    """Return the time on the mark of a former revision; a mark that is no time is no mark."""
    try:
        time = to_datetime(child["metadata"]["annotations"][SERVED_UNTIL])
    except (KeyError, TypeError, ValueError):
        return None
    return time if time.tzinfo else None


def _of_a_revision(children: Iterable[Manifest]) -> Iterator[Child]:
    for child in children:
        metadata = child["metadata"]
        if revision := (metadata.get("labels") or {}).get(REVISION):
            yield Child(child["kind"], metadata["name"], metadata.get("uid", ""), revision)
