"""The ModelVersion that a training Job's report becomes: written once, never changed."""

from perennial.api.model_version import (
    Artifact,
    Evaluation,
    Inputs,
    ModelReference,
    ModelVersionSpec,
    SourceRevision,
    TrainingInput,
)
from perennial.api.names import labels, version_name
from perennial.api.schema import API_VERSION
from perennial.api.tasks import TrainingReport
from perennial.planning.plan import Manifest
from perennial.planning.training_order import Order


def model_version(
    model: str, namespace: str, number: int, order: Order, report: TrainingReport
) -> Manifest:
    """Return the version made from an order, as its report tells."""
    spec = ModelVersionSpec(
        model=ModelReference(name=model),
        number=number,
        inputs=_inputs(order, report),
        artifact=Artifact(
            store=order.store,
            path=report.path,
            digest=report.digest,
            bytes=report.bytes,
            format="Skops",
        ),
        evaluation=Evaluation(metric=report.metric, samples=report.samples, metrics=report.metrics),
    )
    return {
        "apiVersion": API_VERSION,
        "kind": "ModelVersion",
        "metadata": {
            "name": version_name(model, order.inputs),
            "namespace": namespace,
            "labels": labels("Model", model),
        },
        "spec": spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _inputs(order: Order, report: TrainingReport) -> Inputs:
    return Inputs(
        digest=order.inputs,
        dataset=order.dataset,
        training=TrainingInput(
            digest=order.training,
            image=order.image,
            estimator=report.estimator,
            parameters=report.parameters,
            seed=order.seed,
        ),
        source=SourceRevision(revision=order.revision) if order.revision else None,
    )
