"""The model that every server answers with: flights, learned by the steps of a training Job."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from demo.flights import flights
from demo.held_out import wire_rows
from harness import kubectl, progress
from harness.paths import ROOT
from perennial.api.column_type import ColumnType
from perennial.api.dataset import DatasetSpec
from perennial.api.tasks import SnapshotInput, TrainingTask
from perennial.api.tier import Tier
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest, describe
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.rows import ARROW_TYPES, digest_of_parts
from perennial.artifacts.snapshot import SnapshotColumn, SnapshotManifest
from perennial.artifacts.store import StoreLocation
from perennial.artifacts.tier import SERVING_FILE, Serving
from perennial.jobs.settings import Settings
from perennial.jobs.table.rows import HELD_OUT_FILE
from perennial.jobs.training import prepare, publish, work
from perennial.planning.model.inputs import limits, roles

NAME = "flight-delay"
MANIFESTS = ROOT / "crds/examples/flights.yaml"
RECIPE = {
    "estimator": "HistGradientBoostingClassifier",
    "parameters": {"max_iter": "100"},
    "numeric": {"impute": "Nothing", "scale": "Standard"},
    "categorical": {"encode": "OneHot"},
}
BODIES = 64
ASKED = 4096
Row = dict[str, Any]


@dataclass(frozen=True)
class Artifact:
    """The files of a version, as a server finds them."""

    folder: Path
    digest: str


@dataclass(frozen=True)
class Learned:
    """A trained model, rows that it never saw, and what its pipeline says of them."""

    artifact: Artifact
    pipeline: Path
    rows: list[Row]
    expected: np.ndarray
    tier: Tier
    types: dict[str, ColumnType]

    def complete_rows(self) -> list[Row]:
        """Return rows without gaps: peers differ in what they make of a null."""
        return [row for row in self.rows if None not in row.values()]


def learn(folder: Path) -> Learned:
    """Train on the flights of January and February, as a Job does."""
    settings = Settings(folder=folder / "pod", location=StoreLocation(bucket="models"))
    with progress.step("train on flights, compile, compare"):
        task = _task(*_contract())
        snapshot = _snapshot(settings.input / prepare.SNAPSHOT_FOLDER, flights())
        prepare.part(snapshot, task, settings.input)
        work.run(task, settings)
        report = publish.complete(task, settings, task.recipe.parameters)
    predictor = TrainedPipeline.load(settings.output)
    pipeline = folder / "pipeline.joblib"
    joblib.dump(predictor.pipeline, pipeline)  # the form that the peers load
    inputs = predictor.schema.inputs
    unseen = pd.read_parquet(settings.input / HELD_OUT_FILE).sample(ASKED, random_state=0)
    answers = predictor.answer(canonical_frame(inputs, unseen))
    return Learned(
        artifact=Artifact(settings.output, report.digest),
        pipeline=pipeline,
        rows=wire_rows(unseen, inputs),
        expected=answers.probabilities[:, 1],
        tier=report.tier,
        types={one.name: one.type for one in inputs},
    )


def whole_pipeline(compiled: Artifact, folder: Path) -> Artifact:
    """Return the same version as if nothing of it had passed the parity gate."""
    shutil.copytree(compiled.folder, folder)
    serving = Serving(tier=Tier.PIPELINE, reason="chosen by the benchmark")
    (folder / SERVING_FILE).write_text(serving.model_dump_json(by_alias=True))
    before = ArtifactManifest.model_validate_json((folder / MANIFEST_FILE).read_text())
    manifest = ArtifactManifest.of_folder(folder, before.metadata)
    (folder / MANIFEST_FILE).write_bytes(manifest.to_bytes())
    return Artifact(folder, manifest.digest)


def bodies(learned: Learned, rows: int, spell: Callable[[Sequence[Row]], Row], file: Path) -> Path:
    """Write different bodies of so many rows, one a line."""
    known = learned.complete_rows()
    lines = (
        json.dumps(spell([known[(first * rows + each) % len(known)] for each in range(rows)]))
        for first in range(BODIES)
    )
    file.write_text("\n".join(lines) + "\n")
    return file


def as_rows(rows: Sequence[Row]) -> Row:
    """Return rows as POST /predict takes them."""
    return {"rows": list(rows)}


def as_tensors(types: dict[str, ColumnType]) -> Callable[[Sequence[Row]], Row]:
    """Return what spells rows as tensors of the Open Inference Protocol, one a column."""

    def spell(rows: Sequence[Row]) -> Row:
        inputs = [
            {
                "name": name,
                "shape": [len(rows), 1],
                "datatype": _DATATYPES[kind],
                "data": [row[name] for row in rows],
                **({"parameters": {"content_type": "str"}} if kind == "Category" else {}),
            }
            for name, kind in types.items()
        ]
        return {
            "id": "6f1c1d0e",
            "parameters": {"content_type": "pd"},
            "inputs": inputs,
            "outputs": [{"name": "predict_proba"}],
        }

    return spell


_DATATYPES = {
    ColumnType.NUMBER: "FP64",
    ColumnType.INTEGER: "INT64",
    ColumnType.BOOLEAN: "BOOL",
    ColumnType.CATEGORY: "BYTES",
}


def _contract() -> tuple[DatasetSpec, Row]:
    documents = kubectl.documents(MANIFESTS)
    specs = {each["kind"]: each["spec"] for each in documents}
    return DatasetSpec.model_validate(specs["Dataset"]), specs["Model"]


def _task(dataset: DatasetSpec, model: Row) -> TrainingTask:
    snapshot = SnapshotInput(
        digest="sha256:" + "0" * 64,
        path="snapshot/",
        time_column=dataset.time_column,
        roles=roles(dataset),
        limits=limits(dataset),
    )
    learned = {name: model[name] for name in ("target", "problem", "positiveClass", "metric")}
    return TrainingTask.model_validate(
        {
            "model": NAME,
            "namespace": "benchmark",
            "snapshot": snapshot,
            "recipe": RECIPE,
            "split": model["training"]["split"],
            **learned,
        }
    )


def _snapshot(folder: Path, rows: pd.DataFrame) -> SnapshotManifest:
    dataset, _ = _contract()
    types = {column.name: column.type for column in dataset.columns}
    nullable = {column.name: column.nullable is not False for column in dataset.columns}
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in types.items()])
    folder.mkdir(parents=True)
    file = folder / "part-00000.parquet"
    pq.write_table(pa.Table.from_pandas(rows, schema=schema, preserve_index=False), file)
    digests = digest_of_parts([file], list(types)).hexdigests()
    columns = tuple(
        SnapshotColumn(name=name, type=kind, nullable=nullable[name], sha256=digests[name])
        for name, kind in types.items()
    )
    return SnapshotManifest(
        contract="sha256:" + "0" * 64,
        rows=len(rows),
        columns=columns,
        files=describe(folder, [file.name]),
    )
