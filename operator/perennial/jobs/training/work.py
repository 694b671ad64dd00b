"""Step 2 of a training: fit the pipeline on the training part, without network or credentials."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from perennial.api.problem import Problem
from perennial.api.tasks import TrainingTask
from perennial.artifacts.model_schema import SCHEMA_FILE, Input, ModelSchema
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.cpu_limit import cpus
from perennial.jobs.evaluation.headline import check_measurable, headline
from perennial.jobs.progress import log_progress, timed
from perennial.jobs.recipe.design import Design
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.recipe.search import Trial, best_of, folds_of
from perennial.jobs.recipe.threads import reproducible
from perennial.jobs.settings import Settings
from perennial.jobs.table.inputs import inputs_of
from perennial.jobs.table.rows import TRAIN_FILE, Rows, read_rows
from perennial.jobs.table.target import classes_of, positive_class
from perennial.jobs.table.vocabulary import described
from perennial.jobs.training.model_file import write_model

CHOSEN_FILE = "chosen.json"
"""Parameters chosen by a search, for the next step; not part of the artifact."""


def run(task: TrainingTask, settings: Settings) -> None:
    """Write the fitted pipeline and its schema for the next step."""
    content = (settings.input / SNAPSHOT_FILE).read_bytes()
    inputs = inputs_of(SnapshotManifest.model_validate_json(content), task)
    rows = read_rows(settings.input / TRAIN_FILE, inputs, task)
    design = Design(task.recipe, schema_of(task, inputs, rows), task.split.seed)
    check_measurable(headline(task, design.schema), design.schema, build(design))
    workers = cpus()
    with _warnings_as_log(), reproducible(workers):
        with timed("search") if task.recipe.search else nullcontext():
            chosen = _chosen(task, design, rows, workers)
        with timed("fit"):
            pipeline = fitted(design.with_parameters(chosen), rows)
    settings.output.mkdir(exist_ok=True)
    write_model(pipeline, settings.output)
    (settings.output / SCHEMA_FILE).write_text(design.schema.model_dump_json(by_alias=True))
    (settings.folder / CHOSEN_FILE).write_text(json.dumps(chosen))


def schema_of(task: TrainingTask, inputs: tuple[Input, ...], rows: Rows) -> ModelSchema:
    """Return the schema of the model."""
    is_classification = task.problem is Problem.CLASSIFICATION
    classes = classes_of(rows.target) if is_classification else None
    return ModelSchema(
        problem=task.problem,
        target=task.target,
        classes=classes,
        positive_class=positive_class(classes, task.positive_class) if classes else None,
        inputs=described(inputs, rows.frame, task.snapshot.limits),
        time_column=task.snapshot.time_column,
    )


def _chosen(task: TrainingTask, design: Design, rows: Rows, workers: int) -> dict[str, str]:
    search = task.recipe.search
    if search is None:
        return {}
    metric = headline(task, design.schema)
    trial = Trial(design, rows, metric, folds_of(task, search, rows))
    return dict(best_of(search, trial, workers))


@contextmanager
def _warnings_as_log() -> Iterator[None]:
    """Log each distinct warning of scikit-learn once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        log_progress(f"scikit-learn: {text}")
