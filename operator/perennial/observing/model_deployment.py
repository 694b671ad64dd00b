"""Gathers what the plan of a ModelDeployment depends on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import (
    LATEST,
    ModelDeploymentSpec,
    ModelDeploymentStatus,
)
from perennial.api.names import KIND, NAME, REVISION, VERSION
from perennial.cluster.cache import Cache, Key, controller_of
from perennial.observing import served
from perennial.observing.specs import Parsed
from perennial.observing.versions import Versions
from perennial.planning.model_deployment import services
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.revision import Child, Running
from perennial.planning.model_deployment.server_pods import blocker, is_ending, is_ready
from perennial.servers.client import ModelServers


class ModelDeploymentReconciler:
    """Rolls out the versions that ModelDeployments ask for."""

    kind = "ModelDeployment"
    plan = staticmethod(plan)

    def __init__(self, configuration: Configuration, cache: Cache, servers: ModelServers) -> None:
        self._configuration = configuration
        self._cache = cache
        self._servers = servers
        self._specs = Parsed(ModelDeploymentSpec.model_validate)
        self._versions = Versions()

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Model, which changes with each of its versions, and a pinned version."""
        namespace = manifest["metadata"]["namespace"]
        wanted = (manifest.get("spec") or {}).get("model") or {}
        model, version = wanted.get("name"), wanted.get("version", LATEST)
        keys = [Key("Model", namespace, model)] if model else []
        if version != LATEST:
            keys.append(Key("ModelVersion", namespace, version))
        return tuple(keys)

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the version that has the traffic: its status names those who serve it."""
        version = served.stable_version(manifest)
        return (Key("ModelVersion", manifest["metadata"]["namespace"], version),) if version else ()

    async def look(self, manifest: Manifest, _now: datetime) -> bool:
        """Return whether the address is ready; it is probed until it has been ready once."""
        metadata = manifest["metadata"]
        service = self._cache.get(Key("Service", metadata["namespace"], metadata["name"]))
        if service is None or not _is_owned(service, manifest) or _has_answered(manifest):
            return False
        address, model = service["spec"]["clusterIP"], manifest["spec"]["model"]["name"]
        return await self._servers.is_ready(address, services.PORT, model)

    def observe(
        self,
        manifest: Manifest,
        looked: bool,  # noqa: FBT001 - the loop passes the result of look by position
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
            in_rotation=_in_rotation(manifest, address),
            answers=looked,
            now=now,
        )


def _has_answered(manifest: Manifest) -> bool:
    return bool((manifest.get("status") or {}).get("history"))


def _is_owned(child: Manifest, owner: Manifest) -> bool:
    controller = controller_of(child)
    return controller is not None and controller["uid"] == owner["metadata"]["uid"]


def _in_rotation(manifest: Manifest, address: Manifest | None) -> str | None:
    if address is None or not _is_owned(address, manifest):
        return None
    return services.in_rotation(address)


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
        )
    return found


def _of_a_revision(children: Iterable[Manifest]) -> Iterator[Child]:
    for child in children:
        metadata = child["metadata"]
        if revision := (metadata.get("labels") or {}).get(REVISION):
            yield Child(child["kind"], metadata["name"], metadata.get("uid", ""), revision)
