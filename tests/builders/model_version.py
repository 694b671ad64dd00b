"""ModelVersions for tests: say only what the test is about."""

from collections.abc import Mapping
from datetime import datetime

from builders.job import NOON
from perennial.api import conditions
from perennial.api.model import Validation
from perennial.api.model_version import (
    Artifact,
    Evaluation,
    Inputs,
    Measure,
    ModelReference,
    ModelVersionSpec,
    ModelVersionStatus,
    Rejection,
    TrainingInput,
)
from perennial.api.names import version_name
from perennial.planning.model.inputs import TrainingRequest
from perennial.planning.model_version.gates import judge
from perennial.planning.model_version.plan import Observed, plan
from perennial.planning.model_version.version import Version

AUC = Measure(value="0.7412", low="0.7310", high="0.7514")
BRIER = Measure(value="0.1702", low="0.1650", high="0.1755")


def evaluation(metric: str = "roc_auc", **metrics: Measure) -> Evaluation:
    measured = metrics or {"roc_auc": AUC, "brier_score": BRIER}
    return Evaluation(metric=metric, samples=10_000, metrics=measured)


def spec(
    request: TrainingRequest, number: int = 1, measured: Evaluation | None = None
) -> ModelVersionSpec:
    return ModelVersionSpec(
        model=ModelReference(name="delay"),
        number=number,
        inputs=Inputs(
            digest=request.inputs,
            dataset=request.dataset,
            training=TrainingInput(
                digest=request.training,
                image=request.image,
                estimator="HistGradientBoostingClassifier",
                seed=request.seed,
            ),
        ),
        artifact=Artifact(
            store=request.store,
            path="perennial/delays/artifacts/e/",
            digest="sha256:" + "e" * 64,
            bytes=1000,
            format="Skops",
        ),
        evaluation=measured or evaluation(),
    )


def version_made_from(
    request: TrainingRequest,
    number: int = 1,
    judged_by: Validation | None = None,
    measured: Evaluation | None = None,
) -> Version:
    """A version, judged by these limits; None: nobody has looked at it yet."""
    name, made = version_name("delay", request.inputs), spec(request, number, measured)
    fresh = Observed(name, 1, made, ModelVersionStatus(), judged_by, (), (), {}, NOON)
    status = plan(fresh).status if judged_by else ModelVersionStatus()
    return Version(name=name, uid=f"version-{number}", spec=made, status=status)


def observed(
    of: ModelVersionSpec,
    policy: Validation | None = None,
    status: ModelVersionStatus | None = None,
    serving: tuple[str, ...] = (),
    rejections: tuple[Rejection, ...] = (),
    lifted: Mapping[tuple[str, str], datetime] | None = None,
) -> Observed:
    given = status or ModelVersionStatus()
    return Observed("delay-7c1f9a2b", 1, of, given, policy, serving, rejections, lifted or {}, NOON)


def judged(of: ModelVersionSpec, policy: Validation) -> ModelVersionStatus:
    """The status of a version that passed these limits before."""
    return ModelVersionStatus(
        observed_generation=1,
        validation=judge(policy, of.evaluation),
        conditions=conditions.merge((), conditions.ready("GatesPassed", "passed"), 1, NOON),
    )
