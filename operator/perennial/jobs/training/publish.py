"""Step 3 of a training: measure the model on the held-out rows, choose its tier, store it."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pydantic.types import JsonValue

from perennial.api.estimators import default_estimator
from perennial.api.model_version import Evaluation
from perennial.api.reasons import JobReason
from perennial.api.schema import canonical_json
from perennial.api.tasks import TrainingReport, TrainingTask
from perennial.artifacts.answers import SAMPLES_FILE, Samples
from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest
from perennial.artifacts.predictor import Predictor
from perennial.artifacts.profile import PROFILE_FILE, Profile
from perennial.artifacts.s3 import connect
from perennial.artifacts.store import ObjectStore
from perennial.jobs.progress import timed
from perennial.jobs.publish import publish_files
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.training.bootstrap import evaluate
from perennial.jobs.training.environment import environment
from perennial.jobs.training.headline import headline
from perennial.jobs.training.outcome import Estimated, Outcome, outcome_of
from perennial.jobs.training.profile import profile_of
from perennial.jobs.training.rows import HELD_OUT_FILE, TRAIN_FILE, Rows, read_rows
from perennial.jobs.training.samples import samples_of
from perennial.jobs.training.threads import reproducible
from perennial.jobs.training.tiers import choose_tier
from perennial.jobs.training.work import CHOSEN_FILE

METRICS_FILE = "metrics.json"
ENVIRONMENT_FILE = "environment.json"


def run(task: TrainingTask, settings: Settings) -> TrainingReport:
    """Turn a fitted model into a stored artifact, and tell what it is worth."""
    return publish(task, settings, connect(settings.store_location()))


def publish(task: TrainingTask, settings: Settings, store: ObjectStore) -> TrainingReport:
    """Complete the artifact and store it; what is measured twice is stored once."""
    chosen = json.loads((settings.folder / CHOSEN_FILE).read_text())
    report = complete(task, settings, {**task.recipe.parameters, **chosen})
    names = sorted(path.name for path in settings.output.iterdir())
    publish_files(store, report.path, settings.output, names, last=MANIFEST_FILE)
    return report


def complete(
    task: TrainingTask, settings: Settings, parameters: Mapping[str, str]
) -> TrainingReport:
    """Measure the model and write all that is still missing of its artifact."""
    folder = settings.output
    with reproducible():
        predictor = Predictor.load(folder)
        held_out = read_rows(settings.input / HELD_OUT_FILE, predictor.schema.inputs, task)
        with timed("evaluate"):
            evaluation = evaluated(task, predictor, held_out)
        serving = choose_tier(folder, predictor, held_out.frame, task.split.seed)
        with timed("samples"):
            samples = _samples(task, settings, predictor)
        with timed("profile"):
            profile = _profile(task, settings, predictor, held_out)
    estimator = task.recipe.estimator or default_estimator(task.problem)
    made_of: dict[str, JsonValue] = {
        "estimator": estimator,
        "parameters": dict(parameters),
        "seed": task.split.seed,
        "snapshot": task.snapshot.digest,
    }
    _write(folder / METRICS_FILE, evaluation.model_dump(mode="json", by_alias=True))
    (folder / SAMPLES_FILE).write_text(samples.to_json())
    _write(folder / PROFILE_FILE, profile.model_dump(mode="json", by_alias=True))
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


def _samples(task: TrainingTask, settings: Settings, predictor: Predictor) -> Samples:
    names = [one.name for one in predictor.schema.inputs]
    rows = pq.read_table(settings.input / HELD_OUT_FILE, columns=[*names, task.target])
    return samples_of(rows, task.target, predictor)


def _profile(
    task: TrainingTask, settings: Settings, predictor: Predictor, held_out: Rows
) -> Profile:
    training = read_rows(settings.input / TRAIN_FILE, predictor.schema.inputs, task)
    answers = predictor.answer(held_out.frame)
    return profile_of(predictor.schema, training.frame, held_out.frame, answers, held_out.target)


def evaluated(task: TrainingTask, predictor: Predictor, rows: Rows) -> Evaluation:
    """Return what the held-out rows say of the model."""
    outcome = outcome_of(predictor, rows.frame, rows.target)
    _refuse_endless(outcome)
    metric = headline(task, predictor.schema)
    found = evaluate(outcome, rows.groups, task.split.seed)
    if metric not in found:
        raise JobFailure(
            JobReason.FIT_FAILED,
            f"spec.metric: {metric} cannot be measured on {len(rows.target)} held-out rows; hold "
            "out more rows, or take another metric",
            in_spec=True,
        )
    return Evaluation(metric=metric, samples=len(rows.target), metrics=found)


def _refuse_endless(outcome: Outcome) -> None:
    said = outcome.said if isinstance(outcome, Estimated) else outcome.probabilities
    if said is not None and not np.isfinite(said).all():
        raise JobFailure(
            JobReason.FIT_FAILED,
            "the model answers some held-out rows with an infinite number or none at all; scale "
            "the numbers, or change spec.training.recipe",
            in_spec=True,
        )


def _write(path: Path, value: JsonValue) -> None:
    path.write_text(canonical_json(value))
