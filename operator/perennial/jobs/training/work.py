"""Step 2 of a training: fit the pipeline on the training part, without network or credentials."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from perennial.api.problem import Problem
from perennial.api.tasks import TrainingTask
from perennial.artifacts.schema import SCHEMA_FILE, Input, ModelSchema
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.jobs.progress import say, timed
from perennial.jobs.settings import Settings
from perennial.jobs.training.design import Design
from perennial.jobs.training.features import inputs_of
from perennial.jobs.training.fit import fitted
from perennial.jobs.training.headline import check_measurable, headline
from perennial.jobs.training.model_file import write_model
from perennial.jobs.training.pipeline import build
from perennial.jobs.training.rows import TRAIN_FILE, Rows, read_rows
from perennial.jobs.training.search import Trial, best_of, folds_of
from perennial.jobs.training.target import classes_of, positive_class
from perennial.jobs.training.threads import cpus, reproducible
from perennial.jobs.training.vocabulary import described

CHOSEN_FILE = "chosen.json"
"""Parameters that a search chose, for the next step; not part of the artifact."""


def run(task: TrainingTask, settings: Settings) -> None:
    """Leave a fitted model, and what it takes and answers, to the next step."""
    content = (settings.input / SNAPSHOT_FILE).read_bytes()
    inputs = inputs_of(SnapshotManifest.model_validate_json(content), task)
    rows = read_rows(settings.input / TRAIN_FILE, inputs, task)
    design = Design(task.recipe, schema_of(task, inputs, rows), task.split.seed)
    check_measurable(headline(task, design.schema), design.schema, build(design))
    workers = cpus()
    with _warnings_as_log(), reproducible(workers):
        chosen = _chosen(task, design, rows, workers)
        with timed("fit"):
            pipeline = fitted(design.with_parameters(chosen), rows)
    settings.output.mkdir(exist_ok=True)
    write_model(pipeline, settings.output)
    (settings.output / SCHEMA_FILE).write_text(design.schema.model_dump_json(by_alias=True))
    (settings.folder / CHOSEN_FILE).write_text(json.dumps(chosen))


def schema_of(task: TrainingTask, inputs: tuple[Input, ...], rows: Rows) -> ModelSchema:
    """Return what the model takes and answers."""
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
    """Show what scikit-learn warns of, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(one.message) for one in caught):
        say(f"scikit-learn: {text}")
