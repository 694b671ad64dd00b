"""Step 1 of a snapshot: find the files of the source and download them."""

import os
from collections.abc import Iterator
from pathlib import Path

from perennial.api.dataset import ObjectSource, VolumeSource
from perennial.api.reasons import JobReason
from perennial.api.tasks import SnapshotTask
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.s3 import connect
from perennial.artifacts.snapshot import SNAPSHOT_FILE
from perennial.artifacts.store import ObjectStore, StoreLocation
from perennial.jobs.progress import log_progress
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.snapshot.source.files import PREVIOUS_FILE, SourceFile, SourceFiles, csv_of
from perennial.jobs.snapshot.source.resolve import choose
from perennial.jobs.snapshot.source.volume import files_of


def run(task: SnapshotTask, settings: Settings) -> None:
    """Provide the files of the source and the previous manifest to the next step."""
    location = settings.store_location()
    prepare(task, settings, location, connect(location))


def prepare(
    task: SnapshotTask, settings: Settings, location: StoreLocation, store: ObjectStore
) -> None:
    """Provide the files of the source and the previous manifest to the next step."""
    source = task.contract.source
    csv = csv_of(source)
    if csv.delimiter == csv.decimal:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"spec.source: csv.delimiter and csv.decimal are both {csv.decimal!r}; change one",
            in_spec=True,
        )
    settings.input.mkdir(parents=True, exist_ok=True)
    if source.object is not None:
        files = [*_download(source.object, settings.input, location, store)]
    elif source.volume is not None:
        files = [*_mounted(source.volume, settings.source)]
    SourceFiles(files=tuple(files)).leave_to_work(settings)
    if task.previous is not None:
        _fetch_previous(task.previous, settings.input / PREVIOUS_FILE, store)


def _download(
    source: ObjectSource, folder: Path, location: StoreLocation, store: ObjectStore
) -> Iterator[SourceFile]:
    found = [*store.objects(location.key(source.path))]
    where = f"bucket {location.bucket}"
    for number, file in enumerate(choose(source, found, location.prefix, where)):
        path = folder / f"source-{number:05}{file.suffix}"
        store.download(file.key, path)
        log_progress(f"fetched {file.name}, {file.bytes:,} bytes")
        yield SourceFile(name=file.name, path=path, format=file.format)


def _mounted(source: VolumeSource, root: Path) -> Iterator[SourceFile]:
    where = f"claim {source.claim_name}"
    for file in choose(source, [*files_of(root, source.path)], "", where):
        path = root / file.key
        if not os.access(path, os.R_OK):
            raise JobFailure(
                JobReason.UNREADABLE_DATA,
                f"{file.name} of {where} may not be read by the pod: make it readable for all",
            )
        yield SourceFile(name=file.name, path=path, format=file.format)


def _fetch_previous(path: str, file: Path, store: ObjectStore) -> None:
    """Download the previous manifest, unless it was deleted."""
    try:
        file.write_bytes(store.read(f"{path}{SNAPSHOT_FILE}"))
    except ArtifactError as error:
        if error.reason is not JobReason.SOURCE_NOT_FOUND:
            raise
        log_progress(
            f"{path} is gone: inferred types are not compared with those of the last snapshot"
        )
