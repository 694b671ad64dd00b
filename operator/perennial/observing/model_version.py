"""Gathers what the plan of a ModelVersion depends on."""

from datetime import datetime

from pydantic import ValidationError

from perennial.api.manifest import Manifest
from perennial.api.model import ModelSpec, Validation
from perennial.api.model_version import ModelVersionSpec, ModelVersionStatus
from perennial.cluster.cache import Cache, Key
from perennial.observing.decisions import Decisions
from perennial.observing.served import decision_records, rejections_of, served_by
from perennial.observing.specs import Parsed
from perennial.planning.model_deployment.rejections import lifted_at
from perennial.planning.model_version.plan import Observed, plan


class ModelVersionReconciler:
    """Judges versions by the gates of their Model."""

    kind = "ModelVersion"
    plan = staticmethod(plan)

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._decisions = Decisions()
        self._specs = Parsed(ModelVersionSpec.model_validate)
        self._models = Parsed(ModelSpec.model_validate)

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Model, whose gates judge the version."""
        namespace = manifest["metadata"]["namespace"]
        return (Key("Model", namespace, manifest["spec"]["model"]["name"]),)

    def concerns(self, _manifest: Manifest) -> tuple[Key, ...]:
        """Return nothing: its Model owns it, and deployments refer to either."""
        return ()

    async def look(self, _manifest: Manifest, _now: datetime) -> None:
        """Return nothing: everything is watched."""

    def observe(self, manifest: Manifest, _looked: None, now: datetime) -> Observed:
        """Gather everything that the plan may depend on."""
        metadata = manifest["metadata"]
        spec = self._specs.of(manifest)
        namespace = metadata["namespace"]
        return Observed(
            name=metadata["name"],
            generation=metadata["generation"],
            spec=spec,
            status=ModelVersionStatus.model_validate(manifest.get("status") or {}),
            policy=self._policy(Key("Model", namespace, spec.model.name)),
            serving=served_by(self._cache, namespace, metadata["name"]),
            rejections=rejections_of(self._cache, namespace, metadata["name"]),
            lifted=self._lifted(namespace),
            now=now,
        )

    def _lifted(self, namespace: str) -> dict[tuple[str, str], datetime]:
        """Return when Decisions lifted rejections, by ModelDeployment and revision."""
        manifests = self._cache.of_kind("Decision", namespace)
        found = {}
        for deployment in self._cache.of_kind("ModelDeployment", namespace):
            name = deployment["metadata"]["name"]
            decisions = tuple(self._decisions.about(manifests, "ModelDeployment", name))
            records = decision_records(deployment)
            for revision, at in lifted_at(records, decisions).items():
                found[name, revision] = at
        return found

    def _policy(self, key: Key) -> Validation | None:
        found = self._cache.get(key)
        if found is None:
            return None
        try:
            return self._models.of(found).validation
        except ValidationError:  # its own conditions name the fields
            return None
