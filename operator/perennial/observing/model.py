"""Gathers what the plan of a Model depends on."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.api.dataset import DatasetStatus
from perennial.api.estimators import mistakes
from perennial.api.manifest import Manifest, condition
from perennial.api.model import ModelSpec, ModelStatus
from perennial.api.names import SOURCE_REVISION
from perennial.api.reasons import SpecReason
from perennial.api.tasks import TrainingReport
from perennial.cluster.cache import Cache, Key
from perennial.cluster.protocols import EventReader
from perennial.observing.dataset import contracted
from perennial.observing.jobs import Jobs, Refusals
from perennial.observing.served import named_by
from perennial.observing.specs import Parsed
from perennial.observing.versions import Versions
from perennial.planning.model.inputs import Data, Unusable
from perennial.planning.model.observed import Observed
from perennial.planning.model.plan import plan


class Reviewed(NamedTuple):
    """A spec with the mistakes in its recipe."""

    spec: ModelSpec
    mistakes: tuple[str, ...]


def reviewed(spec: Manifest) -> Reviewed:
    """Return a Model's spec with its mistakes."""
    read = ModelSpec.model_validate(spec)
    return Reviewed(read, mistakes(read.training.recipe, read.problem))


class ModelReconciler:
    """Trains Models, and creates their versions."""

    kind = "Model"
    plan = staticmethod(plan)

    def __init__(self, configuration: Configuration, cache: Cache, events: EventReader) -> None:
        self._cache = cache
        self._jobs = Jobs(configuration, cache, events)
        self._specs = Parsed(reviewed)
        self._datasets = Parsed(contracted)
        self._versions = Versions()

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Dataset that the Model learns from."""
        name = (manifest["spec"].get("dataset") or {}).get("name")
        return (Key("Dataset", manifest["metadata"]["namespace"], name),) if name else ()

    def concerns(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the Dataset, whose next snapshot a retraining may wait for."""
        return self.references(manifest)

    async def look(self, manifest: Manifest, now: datetime) -> Refusals:
        """Return why Jobs have no pod."""
        return await self._jobs.refusals(manifest, now)

    def observe(self, manifest: Manifest, looked: Refusals, now: datetime) -> Observed:
        """Gather everything that the plan may depend on."""
        metadata = manifest["metadata"]
        namespace = metadata["namespace"]
        spec, wrong = self._specs.of(manifest)
        return Observed(
            **self._jobs.gathered(manifest, looked, TrainingReport, now),
            spec=spec,
            status=ModelStatus.model_validate(manifest.get("status") or {}),
            mistakes=wrong,
            revision=(metadata.get("annotations") or {}).get(SOURCE_REVISION),
            data=self._data(Key("Dataset", namespace, spec.dataset.name)),
            versions=tuple(self._versions.all_of(_owned_versions(manifest, self._cache))),
            served=named_by(self._cache, namespace),
        )

    def _data(self, key: Key) -> Data | Unusable:
        found = self._cache.get(key)
        if found is None:
            message = f"waits for Dataset {key.name}: create it, or correct spec.dataset.name"
            return Unusable(SpecReason.DATASET_NOT_FOUND, message)
        try:
            spec, contract = self._datasets.of(found)
            status = DatasetStatus.model_validate(found.get("status") or {})
        except ValidationError:  # its own conditions name the fields
            message = f"waits until the spec of Dataset {key.name} is valid"
            return Unusable(SpecReason.DATASET_NOT_READY, message)
        ready_reason = condition(found, "Ready").get("reason", "none yet")
        return Data(key.name, spec, contract, status.snapshot, ready_reason)


def _owned_versions(manifest: Manifest, cache: Cache) -> list[Manifest]:
    owned = cache.owned(manifest["metadata"]["uid"])
    return [child for child in owned if child["kind"] == "ModelVersion"]
