"""The ModelVersion that a training Job's report becomes: written once, never changed."""

from decimal import Decimal
from typing import Final

from perennial.api.manifest import Manifest
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
from perennial.api.tier import Tier
from perennial.planning.model.inputs import TrainingRequest

_NOTHING: Final = 1e-18
"""Smaller numbers than this one have too many digits for a decimal string."""


def model_version(
    model: str, namespace: str, number: int, request: TrainingRequest, report: TrainingReport
) -> Manifest:
    """Return the version made of a training: what was requested, and what its Job reported."""
    spec = ModelVersionSpec(
        model=ModelReference(name=model),
        number=number,
        trigger=request.trigger,
        inputs=_inputs(request, report),
        artifact=_artifact(request, report),
        evaluation=Evaluation(metric=report.metric, samples=report.samples, metrics=report.metrics),
    )
    return {
        "apiVersion": API_VERSION,
        "kind": "ModelVersion",
        "metadata": {
            "name": version_name(model, request.inputs),
            "namespace": namespace,
            "labels": labels("Model", model),
        },
        "spec": spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _artifact(request: TrainingRequest, report: TrainingReport) -> Artifact:
    return Artifact(
        store=request.store,
        path=report.path,
        digest=report.digest,
        bytes=report.bytes,
        format="Compiled" if report.tier is Tier.COMPILED else "Skops",
        tier=report.tier,
        tier_reason=report.tier_reason,
        compared_rows=report.compared_rows,
        largest_difference=_decimal(report.largest_difference),
    )


def _decimal(value: float) -> str:
    return f"{Decimal(f'{value:.3g}'):f}" if value >= _NOTHING else "0"


def _inputs(request: TrainingRequest, report: TrainingReport) -> Inputs:
    return Inputs(
        digest=request.inputs,
        dataset=request.dataset,
        training=TrainingInput(
            digest=request.training,
            image=request.image,
            estimator=report.estimator,
            parameters=report.parameters,
            seed=request.seed,
        ),
        source=SourceRevision(revision=request.revision) if request.revision else None,
    )
