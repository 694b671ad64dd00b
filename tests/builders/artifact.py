"""Artifacts for tests: real folders with a small pipeline, written by the training's own code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.answers import SAMPLES_FILE, Samples
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest
from perennial.artifacts.model_schema import SCHEMA_FILE, Input, ModelSchema
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.profile import PROFILE_FILE
from perennial.artifacts.tier import SERVING_FILE, Serving, Tier
from perennial.jobs.compile.estimator import compile_estimator
from perennial.jobs.compile.preprocessing import compile_preprocessing
from perennial.jobs.table.vocabulary import described
from perennial.jobs.training.model_file import write_model
from perennial.jobs.training.profile import profile_of

MODEL, VERSION = "flight-delay", "flight-delay-7c1f9a2b"
INPUTS = (
    Input(name="dep_delay", type=ColumnType.NUMBER, nullable=True),
    Input(name="distance", type=ColumnType.INTEGER, nullable=False),
    Input(name="carrier", type=ColumnType.CATEGORY, nullable=False),
    Input(name="dest", type=ColumnType.CATEGORY, nullable=True),
    Input(name="weekend", type=ColumnType.BOOLEAN, nullable=True),
    Input(name="time_hour", type=ColumnType.TIMESTAMP, nullable=True),
)
ROW = {
    "dep_delay": 12.5,
    "distance": 1400,
    "carrier": "UA",
    "dest": "IAH",
    "weekend": False,
    "time_hour": "2013-01-05T09:00:00Z",
}


@dataclass(frozen=True)
class BuiltArtifact:
    folder: Path
    digest: str
    predictor: TrainedPipeline


def artifact(
    folder: Path,
    estimator: BaseEstimator | None = None,
    classes: Literal["bool", "int", "str"] | None = "bool",
    rows: int = 200,
    tier: Tier = Tier.COMPILED,
) -> BuiltArtifact:
    """Train on made-up flights; without classes it is a regression."""
    folder.mkdir(parents=True)
    columns = flights(rows)
    frame, target = canonical_frame(INPUTS, columns), _target(columns, classes)
    schema = _schema(frame, target, classes)
    pipeline = _pipeline(LogisticRegression() if estimator is None else estimator)
    write_model(pipeline.fit(frame, target), folder)
    (folder / SCHEMA_FILE).write_text(schema.model_dump_json(by_alias=True))
    predictor = TrainedPipeline.load(folder)
    profile = profile_of(schema, frame, frame, predictor.answer(frame), target)
    (folder / PROFILE_FILE).write_text(profile.model_dump_json(by_alias=True))
    write_tier(folder, predictor, tier)
    write_samples(folder, predictor, rows_of(columns)[:16])
    return sealed(folder, predictor)


def _schema(frame: pd.DataFrame, target: np.ndarray, classes: str | None) -> ModelSchema:
    labels = tuple(np.unique(target).tolist()) if classes else None
    return ModelSchema(
        problem=Problem.CLASSIFICATION if classes else Problem.REGRESSION,
        target="late",
        classes=labels,
        positive_class=True if classes == "bool" else None,
        inputs=described(INPUTS, frame),
    )


def write_tier(folder: Path, predictor: TrainedPipeline, tier: Tier) -> None:
    """Write what a tier reads, without comparing it with the pipeline."""
    pipeline, schema = predictor.pipeline, predictor.schema
    if tier is not Tier.PIPELINE:
        encoder = compile_preprocessing(pipeline[0], schema)
        encoder.write(folder)
        if tier is Tier.COMPILED:
            compile_estimator(pipeline[-1], encoder.width, schema).write(folder)
    reason = None if tier is Tier.COMPILED else "this test wants it so"
    serving = Serving(tier=tier, reason=reason)
    (folder / SERVING_FILE).write_text(serving.model_dump_json(by_alias=True))


def _pipeline(estimator: BaseEstimator) -> Pipeline:
    categories = [one.name for one in INPUTS if one.type is ColumnType.CATEGORY]
    numbers = [one.name for one in INPUTS if one.name not in categories]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
        ],
        sparse_threshold=0,
    )
    return Pipeline([("columns", columns), ("estimator", estimator)])


def write_samples(folder: Path, predictor: TrainedPipeline, rows: list[dict]) -> None:
    answers = tuple(predictor.answer_rows(rows).matching(predictor.schema))
    (folder / SAMPLES_FILE).write_text(Samples(tuple(rows), answers).to_json())


def sealed(folder: Path, predictor: TrainedPipeline) -> BuiltArtifact:
    """Write the manifest for whatever the folder holds now."""
    manifest = ArtifactManifest.of_folder(folder, {"model": MODEL})
    (folder / MANIFEST_FILE).write_bytes(manifest.to_bytes())
    return BuiltArtifact(folder, manifest.digest, predictor)


def flights(rows: int, seed: int = 7) -> dict[str, list]:
    """Return columns of JSON values, with some of them missing."""
    random = np.random.default_rng(seed)
    hours = random.integers(0, 24 * 59, rows)
    columns = {
        "dep_delay": random.normal(10, 30, rows).round(1).tolist(),
        "distance": random.integers(80, 5000, rows).tolist(),
        "carrier": random.choice(["UA", "AA", "B6", "DL", "EV"], rows).tolist(),
        "dest": random.choice(["IAH", "MIA", "ORD", "LAX", "ATL", "BOS"], rows).tolist(),
        "weekend": (random.random(rows) < 2 / 7).tolist(),
        "time_hour": [
            str(np.datetime64("2013-01-01T05") + np.timedelta64(int(hour), "h")) + ":00:00Z"
            for hour in hours
        ],
    }
    for one in INPUTS:
        if one.nullable:
            for row in np.flatnonzero(random.random(rows) < 0.1):
                columns[one.name][row] = None
    return columns


def rows_of(columns: dict[str, list]) -> list[dict]:
    names, lists = columns.keys(), columns.values()
    return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def _target(columns: dict[str, list], classes: str | None) -> np.ndarray:
    delay = np.array([0.0 if value is None else value for value in columns["dep_delay"]])
    random = np.random.default_rng(1)
    arrival = delay + np.array(columns["distance"]) / 500 + random.normal(0, 10, len(delay))
    match classes:
        case "bool":
            return arrival > 15
        case "int":
            return np.digitize(arrival, [0, 30]).astype(int)
        case "str":
            return np.array(["early", "fine", "late"], dtype=object)[np.digitize(arrival, [0, 30])]
        case _:
            return arrival
