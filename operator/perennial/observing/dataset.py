"""Datasets: gathers what their plan depends on."""

from datetime import UTC, datetime
from typing import NamedTuple

from perennial.api.configuration import Configuration
from perennial.api.dataset import DatasetSpec, DatasetStatus
from perennial.api.manifest import Manifest
from perennial.api.scalars import Digest
from perennial.api.tasks import SnapshotReport
from perennial.cluster.cache import Key, Store
from perennial.cluster.client import Cluster
from perennial.observing.jobs import Refusals, gathered, refusals
from perennial.observing.specs import Parsed
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.dataset.plan import Observed, plan


class Contracted(NamedTuple):
    """A spec with the identity of its contract."""

    spec: DatasetSpec
    contract: Digest


def contracted(spec: Manifest) -> Contracted:
    """Read a Dataset's spec."""
    read = DatasetSpec.model_validate(spec)
    return Contracted(read, contract_digest(read))


class DatasetReconciler:
    """Takes snapshots, and says how they stand."""

    kind = "Dataset"
    plan = staticmethod(plan)

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._specs = Parsed(contracted)

    def references(self, _manifest: Manifest) -> tuple[Key, ...]:
        """Return nothing: a Dataset stands on its own."""
        return ()

    async def look(self, manifest: Manifest, store: Store, cluster: Cluster) -> Refusals:
        """Ask why Jobs have no pod."""
        return await refusals(manifest, store, cluster, datetime.now(UTC))

    def observe(
        self, manifest: Manifest, store: Store, looked: Refusals, now: datetime
    ) -> Observed:
        """Gather everything the plan may depend on."""
        spec, contract = self._specs.of(manifest)
        return Observed(
            **gathered(manifest, store, looked, SnapshotReport, self._configuration, now),
            spec=spec,
            contract=contract,
            status=DatasetStatus.model_validate(manifest.get("status") or {}),
        )
