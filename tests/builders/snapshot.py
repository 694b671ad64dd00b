"""Sources and snapshots for tests: say only what the test is about."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from doubles.store import LOCATION, MemoryStore
from perennial.api.dataset import CSV, Column, DatasetSpec, Format
from perennial.api.tasks import SnapshotReport, SnapshotTask
from perennial.artifacts.snapshot import SnapshotManifest
from perennial.jobs.settings import Settings
from perennial.jobs.snapshot.prepare import prepare
from perennial.jobs.snapshot.publish import publish
from perennial.jobs.snapshot.source.files import SourceFile
from perennial.jobs.snapshot.source.reader import Reader
from perennial.jobs.snapshot.work import take_snapshot

NOON = datetime(2013, 3, 1, 12, tzinfo=UTC)

FLIGHTS: Mapping[str, list[Any]] = {
    "time_hour": [datetime(2013, 1, day, 5, tzinfo=UTC) for day in range(1, 7)],
    "carrier": ["UA", "AA", None, "B6", "UA", "DL"],
    "flight": [1545, 1714, 1141, 725, 461, 1696],
    "dep_delay": [2.5, 4.0, None, -1.25, -6.0, 33.0],
    "late": [False, True, False, None, False, True],
}


def contract(path: str = "raw/", **fields: Any) -> DatasetSpec:
    """Return a contract in the words of a manifest."""
    source = fields.pop("source", {"object": {"path": path}})
    return DatasetSpec.model_validate({"source": source, **fields})


def column(name: str, kind: str, **fields: Any) -> Column:
    return Column.model_validate({"name": name, "type": kind, **fields})


def as_parquet(columns: Mapping[str, Sequence[Any]] | pa.Table = FLIGHTS) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(_table(columns), buffer)
    return buffer.getvalue()


def as_csv(
    columns: Mapping[str, Sequence[Any]] | pa.Table = FLIGHTS, delimiter: str = ","
) -> bytes:
    buffer = io.BytesIO()
    options = pyarrow.csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    pyarrow.csv.write_csv(_table(columns), buffer, options)
    return buffer.getvalue()


def as_json_lines(columns: Mapping[str, Sequence[Any]] | pa.Table = FLIGHTS) -> bytes:
    rows = _table(columns).to_pylist()
    return "".join(f"{json.dumps(row, default=datetime.isoformat)}\n" for row in rows).encode()


def reader(path: Path, content: bytes, form: Format = "CSV", **csv: str) -> Reader:
    """Return a reader of a new file with this content."""
    path.write_bytes(content)
    return Reader(SourceFile(name=path.name, path=path, format=form), CSV.model_validate(csv))


def settings(folder: Path) -> Settings:
    """Return the settings of a pod whose folders are in this one."""
    return Settings(
        folder=folder / "pod",
        task_file=folder / "task.json",
        report_file=folder / "report.json",
        location=LOCATION,
    )


def snapshot(
    folder: Path, files: Mapping[str, bytes], of: DatasetSpec | None = None, **fields: Any
) -> SnapshotManifest:
    """Take a snapshot of files by the contract, without storing it."""
    return _taken(folder, files, of or contract(**fields))[0]


def published(
    folder: Path,
    files: Mapping[str, bytes],
    of: DatasetSpec,
    store: MemoryStore | None = None,
    previous: str | None = None,
) -> tuple[SnapshotReport, MemoryStore]:
    """Take a snapshot by all three steps; return its report, and the store."""
    store = store or MemoryStore()
    _, task, pod = _taken(folder, files, of, store, previous)
    return publish(task, pod, LOCATION, store), store


def _taken(
    folder: Path,
    files: Mapping[str, bytes],
    of: DatasetSpec,
    store: MemoryStore | None = None,
    previous: str | None = None,
) -> tuple[SnapshotManifest, SnapshotTask, Settings]:
    folder.mkdir(parents=True, exist_ok=True)
    store = store or MemoryStore()
    store.content.update({LOCATION.key(f"raw/{name}"): content for name, content in files.items()})
    task = SnapshotTask(dataset="flights", namespace="delays", contract=of, previous=previous)
    pod = settings(folder)
    prepare(task, pod, LOCATION, store)
    return take_snapshot(task.contract, pod, NOON), task, pod


def _table(columns: Mapping[str, Sequence[Any]] | pa.Table) -> pa.Table:
    return columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
