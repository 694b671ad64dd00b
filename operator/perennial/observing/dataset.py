"""Gathers what the plan of a Dataset depends on."""

from datetime import datetime
from typing import NamedTuple

from perennial.api.configuration import Configuration
from perennial.api.dataset import DatasetSpec, DatasetStatus
from perennial.api.manifest import Manifest
from perennial.api.scalars import Digest
from perennial.api.tasks import SnapshotReport
from perennial.api.times import to_datetime
from perennial.cluster.cache import Cache, Key
from perennial.cluster.protocols import EventReader
from perennial.observing.jobs import Jobs, Refusals
from perennial.observing.specs import Parsed
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.dataset.observed import Observed
from perennial.planning.dataset.plan import plan


class Contracted(NamedTuple):
    """A spec with the digest of its contract."""

    spec: DatasetSpec
    contract: Digest


def contracted(spec: Manifest) -> Contracted:
    """Return a Dataset's spec with its contract."""
    read = DatasetSpec.model_validate(spec)
    return Contracted(read, contract_digest(read))


def waits_since(model: Manifest, dataset: str) -> datetime | None:
    """Return the trigger of a Model's retraining, if it waits for a snapshot of this Dataset."""
    learned = (model["spec"].get("dataset") or {}).get("name")
    retraining = (model.get("status") or {}).get("retraining") or {}
    if learned != dataset or retraining.get("state") != "Waiting":
        return None
    return to_datetime(retraining["trigger"]["at"])


class DatasetReconciler:
    """Takes snapshots of Datasets."""

    kind = "Dataset"
    plan = staticmethod(plan)

    def __init__(self, configuration: Configuration, cache: Cache, events: EventReader) -> None:
        self._cache = cache
        self._jobs = Jobs(configuration, cache, events)
        self._specs = Parsed(contracted)

    def references(self, _manifest: Manifest) -> tuple[Key, ...]:
        """Return nothing: a Dataset depends on no other object."""
        return ()

    def concerns(self, _manifest: Manifest) -> tuple[Key, ...]:
        """Return nothing: Models refer to it."""
        return ()

    async def look(self, manifest: Manifest, now: datetime) -> Refusals:
        """Return why Jobs have no pod."""
        return await self._jobs.refusals(manifest, now)

    def observe(self, manifest: Manifest, looked: Refusals, now: datetime) -> Observed:
        """Gather everything that the plan may depend on."""
        spec, contract = self._specs.of(manifest)
        return Observed(
            **self._jobs.gathered(manifest, looked, SnapshotReport, now),
            spec=spec,
            contract=contract,
            status=DatasetStatus.model_validate(manifest.get("status") or {}),
            wanted_since=self._wanted_since(manifest["metadata"]),
        )

    def _wanted_since(self, metadata: Manifest) -> datetime | None:
        """Return the newest trigger of the Models that wait for a snapshot of this Dataset."""
        models = self._cache.of_kind("Model", metadata["namespace"])
        return max(
            filter(None, (waits_since(each, metadata["name"]) for each in models)), default=None
        )
