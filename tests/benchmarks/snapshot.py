"""How much memory and time a snapshot of millions of rows takes, step by step."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import bucket, cluster
from harness.servers.store import Store, of_cluster
from perennial.api.tasks import SnapshotTask

MOST_MIB = 1024
SUFFIXES = {"Parquet": ".parquet", "CSV": ".csv", "JSONLines": ".jsonl"}
STEPS = ("prepare", "work", "publish")
PREFIX = "benchmark/rows/"
NAMESPACE = "benchmark"


@dataclass(frozen=True)
class Run:
    """What one process took."""

    seconds: float
    mib: float


def main() -> int:
    options = _parser().parse_args()
    store = of_cluster(cluster.chosen().kubeconfig())
    with _clean(store), tempfile.TemporaryDirectory(prefix="perennial-benchmark-") as folder:
        runs = _measure(Path(folder), store, options.rows, options.format)
    summary = {
        "rows": options.rows,
        "format": options.format,
        "seconds": round(sum(run.seconds for run in runs.values()), 1),
        "rows_per_s": round(options.rows / sum(run.seconds for run in runs.values())),
        "peak_rss_mib": round(max(run.mib for run in runs.values())),
        "steps": {name: [round(run.seconds, 1), round(run.mib)] for name, run in runs.items()},
    }
    print(json.dumps({"summary": summary}))
    return 0 if summary["peak_rss_mib"] < MOST_MIB else 1


@contextmanager
def _clean(store: Store) -> Iterator[None]:
    """Find nothing in the bucket, and leave nothing there."""
    _remove(store)
    try:
        yield
    finally:
        _remove(store)


def _remove(store: Store) -> None:
    opened = bucket.opened(store)
    for prefix in (PREFIX, f"perennial/{NAMESPACE}/"):
        opened.delete(opened.keys(prefix))


def _measure(folder: Path, store: Store, rows: int, form: str) -> dict[str, Run]:
    _upload(folder / "source", store, rows, form)
    task_file = folder / "task.json"
    task_file.write_text(_task().model_dump_json(by_alias=True, exclude_defaults=True))
    environment = {
        **os.environ,
        "PYTHONPATH": "operator",
        "AWS_ACCESS_KEY_ID": store.access_key_id,
        "AWS_SECRET_ACCESS_KEY": store.secret_access_key,
        "PERENNIAL_STORE": json.dumps(
            {"endpoint": store.endpoint, "bucket": store.bucket, "region": store.region}
        ),
        "PERENNIAL_FOLDER": str(folder / "pod"),
        "PERENNIAL_TASK_FILE": str(task_file),
        "PERENNIAL_REPORT_FILE": str(folder / "report.json"),
    }
    return {step: _process(["perennial.jobs", "snapshot", step], environment) for step in STEPS}


def _upload(folder: Path, store: Store, rows: int, form: str) -> None:
    """Put the rows into the bucket; made by another process, for a child's peak counts ours."""
    folder.mkdir()
    made = [sys.executable, "-m", "benchmarks.flight_rows", str(folder), str(rows), SUFFIXES[form]]
    subprocess.run(made, check=True)
    opened = bucket.opened(store)
    for file in sorted(folder.iterdir()):
        opened.client.upload_file(str(file), store.bucket, f"{PREFIX}{file.name}")
        file.unlink()


def _process(words: list[str], environment: dict[str, str]) -> Run:
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", *words], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return Run(time.monotonic() - began, usage.ru_maxrss / 1024)


def _task() -> SnapshotTask:
    """Return a contract that makes use of every check."""
    return SnapshotTask.model_validate(
        {
            "dataset": "flights",
            "namespace": NAMESPACE,
            "contract": {
                "source": {"object": {"path": PREFIX}},
                "filter": [{"column": "origin", "values": ["EWR", "JFK", "LGA"]}],
                "timeColumn": "time_hour",
                "window": {"duration": "3650d"},
                "columns": [
                    {
                        "name": "dep_delay",
                        "type": "Number",
                        "minimum": "-1000",
                        "maxMissing": "0.1",
                    },
                    {"name": "carrier", "type": "Category", "nullable": False},
                ],
                "quality": {
                    "minRows": 1000,
                    "uniqueKey": ["time_hour", "carrier", "flight", "tailnum"],
                    "maxDuplicates": "0.5",
                    "personalData": "Forbid",
                },
            },
        }
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.snapshot", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--format", choices=SUFFIXES, default="Parquet")
    return parser


if __name__ == "__main__":
    sys.exit(main())
