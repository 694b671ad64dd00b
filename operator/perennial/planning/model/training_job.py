"""The Job that trains one version of a Model."""

from perennial.api.configuration import Store
from perennial.api.model import ModelSpec
from perennial.api.tasks import SnapshotInput, TrainingTask
from perennial.planning.job.manifest import JobTemplate
from perennial.planning.model.inputs import Data, TrainingRequest, limits, resolved_split, roles


def training_template(
    name: str,
    namespace: str,
    spec: ModelSpec,
    data: Data,
    request: TrainingRequest,
    stores: tuple[Store, Store],
) -> JobTemplate:
    """Return the template of a training's Jobs.

    `stores` holds the store of the snapshot, then the store of the artifact.
    """
    task = TrainingTask(
        model=name,
        namespace=namespace,
        snapshot=SnapshotInput(
            digest=request.dataset.digest,
            path=request.dataset.path,
            time_column=data.spec.time_column,
            roles=roles(data.spec),
            limits=limits(data.spec),
        ),
        target=spec.target,
        problem=spec.problem,
        positive_class=spec.positive_class,
        metric=spec.metric,
        recipe=spec.training.recipe,
        split=resolved_split(spec, data.spec),
    )
    reads, writes = stores
    return JobTemplate(
        kind="Model",
        owner=name,
        namespace=namespace,
        task="training",
        task_json=task.model_dump_json(by_alias=True, exclude_defaults=True),
        request=request.model_dump_json(by_alias=True, exclude_defaults=True),
        run=spec.training.job,
        reads=reads,
        writes=writes,
    )
