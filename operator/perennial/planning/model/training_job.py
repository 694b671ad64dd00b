"""The Job that trains one version of a Model."""

from perennial.api.configuration import Store
from perennial.api.model import ModelSpec
from perennial.api.tasks import SnapshotInput, TrainingTask
from perennial.planning.job.manifest import Errand
from perennial.planning.model.inputs import Data, Order, limits, resolved_split, roles


def training_errand(
    name: str,
    namespace: str,
    spec: ModelSpec,
    data: Data,
    order: Order,
    stores: tuple[Store, Store],
) -> Errand:
    """Return what every attempt at these inputs is told; stores are the data's, the artifact's."""
    task = TrainingTask(
        model=name,
        namespace=namespace,
        snapshot=SnapshotInput(
            digest=order.dataset.digest,
            path=order.dataset.path,
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
    return Errand(
        kind="Model",
        owner=name,
        namespace=namespace,
        task="training",
        told=task.model_dump_json(by_alias=True, exclude_defaults=True),
        order=order.model_dump_json(by_alias=True, exclude_defaults=True),
        run=spec.training.job,
        reads=reads,
        writes=writes,
    )
