"""Snapshots and tasks for tests of training: small tables of every type, with values missing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perennial.api.column_type import ColumnType
from perennial.api.tasks import TrainingTask
from perennial.artifacts.manifest import describe
from perennial.artifacts.rows import ARROW_TYPES, digest_of_parts
from perennial.artifacts.snapshot import SnapshotColumn, SnapshotManifest
from perennial.artifacts.store import StoreLocation
from perennial.jobs.settings import Settings
from perennial.jobs.training.prepare import SNAPSHOT_FOLDER

COLUMNS = {
    "amount": ColumnType.NUMBER,
    "visits": ColumnType.INTEGER,
    "member": ColumnType.BOOLEAN,
    "since": ColumnType.TIMESTAMP,
    "city": ColumnType.CATEGORY,
    "seen": ColumnType.TIMESTAMP,
    "shop": ColumnType.CATEGORY,
    "late": ColumnType.BOOLEAN,
    "grade": ColumnType.CATEGORY,
    "level": ColumnType.INTEGER,
    "price": ColumnType.NUMBER,
}
TARGETS = ("late", "grade", "level", "price")


def table(rows: int = 240, seed: int = 0) -> pa.Table:
    """Rows whose targets depend on amount, visits and city; a tenth of most values is missing."""
    random = np.random.default_rng(seed)
    amount, visits = random.normal(size=rows), random.integers(0, 9, rows)
    city = random.choice(["Aix", "Bonn", "Cork"], size=rows)
    signal = amount + visits / 4 + (city == "Bonn") + random.normal(size=rows) / 2
    level = np.digitize(signal, [0.5, 2.0])
    days = pd.to_datetime("2026-01-01T00:00:00Z") + pd.to_timedelta(np.arange(rows) // 8, unit="D")
    columns = {
        "amount": _gaps(amount, random),
        "visits": visits,
        "member": _gaps(random.random(rows) < 0.5, random),
        "since": _gaps(days - pd.to_timedelta(random.integers(1, 900, rows), unit="h"), random),
        "city": _gaps(city, random),
        "seen": days,
        "shop": random.choice([f"shop-{number}" for number in range(12)], size=rows),
        "late": signal > 1.2,
        "grade": np.array(["low", "middle", "top"])[level],
        "level": level,
        "price": np.exp(signal / 3),
    }
    frame = pd.DataFrame(columns)
    return pa.Table.from_pandas(frame, schema=schema(), preserve_index=False)


def schema() -> pa.Schema:
    return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in COLUMNS.items()])


def _gaps(values, random: np.random.Generator) -> pd.Series:
    return pd.Series(values).astype(object).mask(random.random(len(values)) < 0.1, None)


def snapshot(rows: pa.Table, settings: Settings, *, nullable: bool = True) -> SnapshotManifest:
    """Write the rows as a snapshot of two files, where the step prepare puts it."""
    folder = settings.input / SNAPSHOT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    half = len(rows) // 2
    for number, part in enumerate((rows.slice(0, half), rows.slice(half))):
        pq.write_table(part, folder / f"part-{number:05}.parquet")
    names = sorted(path.name for path in folder.glob("*.parquet"))
    digests = digest_of_parts([folder / name for name in names], rows.column_names).hexdigests()
    columns = tuple(
        SnapshotColumn(name=name, type=COLUMNS[name], nullable=nullable, sha256=digests[name])
        for name in rows.column_names
    )
    return SnapshotManifest(
        contract="sha256:" + "0" * 64,
        rows=len(rows),
        columns=columns,
        files=describe(folder, names),
    )


def settings(folder: Path) -> Settings:
    """A pod's folders below a folder of the test."""
    return Settings(folder=folder, location=StoreLocation(bucket="models"))


def task(target: str = "late", *, time: bool = True, roles: dict | None = None, **changes):
    """What to train on a table of this file; other targets and the shop are not looked at."""
    apart = dict.fromkeys([name for name in TARGETS if name != target], "Ignore")
    spec = {
        "model": "delay",
        "namespace": "delays",
        "snapshot": {
            "digest": "sha256:" + "1" * 64,
            "path": "perennial/delays/snapshots/1/",
            "timeColumn": "seen" if time else None,
            "roles": {
                **apart,
                "shop": "Group",
                **({} if time else {"seen": "Ignore"}),
                **(roles or {}),
            },
        },
        "target": target,
        "problem": "Regression" if target == "price" else "Classification",
        "recipe": {},
        "split": {"holdout": "0.25"},
        **changes,
    }
    return TrainingTask.model_validate(spec)
