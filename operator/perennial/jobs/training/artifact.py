"""The artifact of a fitted model: metrics, tier, samples, profile and the manifest over all."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pydantic.types import JsonValue

from perennial.api.digests import canonical_json
from perennial.api.estimators import default_estimator
from perennial.api.model_version import Evaluation
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingReport, TrainingTask
from perennial.artifacts.answers import SAMPLES_FILE, Answers, Samples
from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.profile import PROFILE_FILE
from perennial.jobs.evaluation.bootstrap import evaluate
from perennial.jobs.evaluation.headline import headline
from perennial.jobs.evaluation.predictions import (
    Floats,
    Predictions,
    RegressionPredictions,
    predictions_of,
)
from perennial.jobs.parity.choose_tier import choose_tier
from perennial.jobs.progress import timed
from perennial.jobs.recipe.threads import reproducible
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.table.rows import HELD_OUT_FILE, TRAIN_FILE, Rows, read_rows
from perennial.jobs.training.environment import environment
from perennial.jobs.training.importance import importances, with_importances
from perennial.jobs.training.profile import profile_of
from perennial.jobs.training.reference import Reference, reference_of
from perennial.jobs.training.samples import samples_of

METRICS_FILE = "metrics.json"

ENVIRONMENT_FILE = "environment.json"


def complete(
    task: TrainingTask, settings: Settings, parameters: Mapping[str, str]
) -> TrainingReport:
    """Evaluate the model, write the remaining files of its artifact and return the report."""
    folder = settings.output
    with reproducible():
        trained = TrainedPipeline.load(folder)
        held_out = read_rows(settings.input / HELD_OUT_FILE, trained.schema.inputs, task)
        with timed("evaluation"):
            answers = trained.answer(held_out.frame)
            evaluation = evaluated(task, trained, held_out, answers)
        serving = choose_tier(folder, trained, held_out.frame, task.split.seed)
        with timed("samples"):
            samples = _samples(task, settings, trained)
        with timed("profile"):
            reference = _reference(task, settings, trained, held_out, answers)
        with timed("importance"):
            found = importances(trained, held_out, evaluation.metric, task.split.seed)
    estimator = task.recipe.estimator or default_estimator(task.problem)
    made_of: dict[str, JsonValue] = {
        "estimator": estimator,
        "parameters": dict(parameters),
        "seed": task.split.seed,
        "snapshot": task.snapshot.digest,
    }
    _write(folder / METRICS_FILE, evaluation.model_dump(mode="json", by_alias=True))
    (folder / SAMPLES_FILE).write_text(samples.to_json())
    profile = with_importances(reference.profile, found)
    as_json = profile.model_dump(mode="json", by_alias=True, exclude_none=True)
    _write(folder / PROFILE_FILE, as_json)
    reference.write(folder)
    _write(folder / ENVIRONMENT_FILE, environment())
    manifest = ArtifactManifest.of_folder(folder, made_of)
    (folder / MANIFEST_FILE).write_bytes(manifest.to_bytes())
    return TrainingReport(
        path=settings.store_location().artifact(task.namespace, manifest.digest),
        digest=manifest.digest,
        bytes=manifest.bytes,
        estimator=estimator,
        parameters=dict(parameters),
        tier=serving.tier,
        tier_reason=serving.reason,
        compared_rows=serving.rows,
        largest_difference=serving.difference,
        **dict(evaluation),
    )


def _samples(task: TrainingTask, settings: Settings, trained: TrainedPipeline) -> Samples:
    names = [column.name for column in trained.schema.inputs]
    rows = pq.read_table(settings.input / HELD_OUT_FILE, columns=[*names, task.target])
    return samples_of(rows, task.target, trained)


def _reference(
    task: TrainingTask,
    settings: Settings,
    trained: TrainedPipeline,
    held_out: Rows,
    answers: Answers,
) -> Reference:
    training = read_rows(settings.input / TRAIN_FILE, trained.schema.inputs, task)
    profile = profile_of(trained.schema, training.frame, held_out.frame, answers, held_out.target)
    return reference_of(profile, trained.schema, training, held_out, answers)


def evaluated(
    task: TrainingTask, trained: TrainedPipeline, rows: Rows, answers: Answers
) -> Evaluation:
    """Return the metrics of the model on the held-out rows."""
    predictions = predictions_of(trained, rows, answers)
    _check_finite(predictions)
    metric = headline(task, trained.schema)
    found = evaluate(predictions, rows.groups, task.split.seed)
    if metric not in found:
        raise JobFailure(
            JobReason.FIT_FAILED,
            f"spec.metric: {metric} cannot be measured on {len(rows.target)} held-out rows; hold "
            "out more rows, or take another metric",
            in_spec=True,
        )
    return Evaluation(metric=metric, samples=len(rows.target), metrics=found)


def _check_finite(predictions: Predictions) -> None:
    if isinstance(predictions, RegressionPredictions):
        numbers: Floats | None = predictions.predicted
    else:
        numbers = predictions.probabilities
    if numbers is not None and not np.isfinite(numbers).all():
        raise JobFailure(
            JobReason.FIT_FAILED,
            "the model answers some held-out rows with an infinite number or none at all; scale "
            "the numbers, or change spec.training.recipe",
            in_spec=True,
        )


def _write(path: Path, value: JsonValue) -> None:
    path.write_text(canonical_json(value))
