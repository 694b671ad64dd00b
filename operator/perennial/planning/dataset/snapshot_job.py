"""The Job that takes one snapshot of a Dataset."""

from perennial.api.configuration import Store
from perennial.api.dataset import DatasetSpec
from perennial.api.scalars import Digest, Path
from perennial.api.tasks import SnapshotTask
from perennial.planning.dataset.contract import contract_of
from perennial.planning.job.manifest import JobTemplate


def snapshot_template(
    name: str,
    namespace: str,
    spec: DatasetSpec,
    contract: Digest,
    previous: Path | None,
    store: Store,
) -> JobTemplate:
    """Return the template of a snapshot's Jobs; `previous` is the path of the last snapshot."""
    task = SnapshotTask(
        dataset=name, namespace=namespace, contract=contract_of(spec), previous=previous
    )
    return JobTemplate(
        kind="Dataset",
        owner=name,
        namespace=namespace,
        task="snapshot",
        task_json=task.model_dump_json(by_alias=True, exclude_defaults=True),
        request=contract,
        run=spec.job,
        reads=store,
        writes=store,
        claim=spec.source.volume.claim_name if spec.source.volume else None,
    )
