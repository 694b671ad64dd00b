"""Step 3 of a training: evaluate the model, choose its tier and upload the artifact."""

import json

from perennial.api.tasks import TrainingReport, TrainingTask
from perennial.artifacts.manifest import MANIFEST_FILE
from perennial.artifacts.s3 import connect
from perennial.artifacts.store import ObjectStore
from perennial.jobs.progress import timed
from perennial.jobs.settings import Settings
from perennial.jobs.training.artifact import complete
from perennial.jobs.training.work import CHOSEN_FILE
from perennial.jobs.upload import publish_files


def run(task: TrainingTask, settings: Settings) -> TrainingReport:
    """Complete the artifact, upload it and return the report."""
    return publish(task, settings, connect(settings.store_location()))


def publish(task: TrainingTask, settings: Settings, store: ObjectStore) -> TrainingReport:
    """Complete the artifact, upload it and return the report; equal artifacts are stored once."""
    chosen = json.loads((settings.folder / CHOSEN_FILE).read_text())
    report = complete(task, settings, {**task.recipe.parameters, **chosen})
    names = sorted(path.name for path in settings.output.iterdir())
    with timed("upload"):
        publish_files(store, report.path, settings.output, names, last=MANIFEST_FILE)
    return report
