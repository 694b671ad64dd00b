"""ModelVersions: gathers what their plan depends on."""

from datetime import datetime

from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest
from perennial.api.model import ModelSpec, Validation
from perennial.api.model_version import ModelVersionSpec, ModelVersionStatus
from perennial.cluster.cache import Key, Store
from perennial.cluster.client import Cluster
from perennial.observing.served import served_by
from perennial.observing.specs import Parsed
from perennial.planning.model_version.plan import Observed, plan


class ModelVersionReconciler:
    """Judges versions, and says who serves them."""

    kind = "ModelVersion"
    plan = staticmethod(plan)

    def __init__(self, _configuration: Configuration) -> None:
        self._specs = Parsed(ModelVersionSpec.model_validate)
        self._models = Parsed(ModelSpec.model_validate)

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Model, and every ModelDeployment: any of them may begin to serve it."""
        namespace = manifest["metadata"]["namespace"]
        return (
            Key("Model", namespace, manifest["spec"]["model"]["name"]),
            Key("ModelDeployment", namespace, ""),
        )

    async def look(self, _manifest: Manifest, _store: Store, _cluster: Cluster) -> None:
        """Ask nothing: the watches tell all."""

    def observe(self, manifest: Manifest, store: Store, _looked: None, now: datetime) -> Observed:
        """Gather everything the plan may depend on."""
        metadata = manifest["metadata"]
        spec = self._specs.of(manifest)
        namespace = metadata["namespace"]
        return Observed(
            name=metadata["name"],
            generation=metadata["generation"],
            spec=spec,
            status=ModelVersionStatus.model_validate(manifest.get("status") or {}),
            policy=self._policy(store, Key("Model", namespace, spec.model.name)),
            serving=served_by(store, namespace, metadata["name"]),
            now=now,
        )

    def _policy(self, store: Store, key: Key) -> Validation | None:
        found = store.get(key)
        if found is None:
            return None
        try:
            return self._models.of(found).validation
        except ValidationError:  # the Model itself says so
            return None
