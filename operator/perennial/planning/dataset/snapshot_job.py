"""The Job that takes one snapshot of a Dataset."""

from perennial.api.configuration import Store
from perennial.api.dataset import DatasetSpec
from perennial.api.scalars import Digest, Path
from perennial.api.tasks import SnapshotTask
from perennial.planning.dataset.contract import contract_of
from perennial.planning.job.manifest import Errand


def snapshot_errand(
    name: str,
    namespace: str,
    spec: DatasetSpec,
    contract: Digest,
    previous: Path | None,
    store: Store,
) -> Errand:
    """Return what every attempt at this snapshot is told."""
    task = SnapshotTask(
        dataset=name, namespace=namespace, contract=contract_of(spec), previous=previous
    )
    return Errand(
        kind="Dataset",
        owner=name,
        namespace=namespace,
        task="snapshot",
        told=task.model_dump_json(by_alias=True, exclude_defaults=True),
        order=contract,
        run=spec.job,
        reads=store,
        writes=store,
        claim=spec.source.volume.claim_name if spec.source.volume else None,
    )
