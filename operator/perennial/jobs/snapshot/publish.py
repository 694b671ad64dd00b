"""Step 3 of a snapshot: upload it under its digest, unless it is stored already."""

from perennial.api.dataset import QualityReport
from perennial.api.tasks import SnapshotReport, SnapshotTask
from perennial.artifacts.s3 import connect
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.artifacts.store import ObjectStore, StoreLocation
from perennial.jobs.progress import log_progress
from perennial.jobs.settings import Settings
from perennial.jobs.snapshot.source.files import QUALITY_FILE
from perennial.jobs.stored_snapshot import read_manifest
from perennial.jobs.upload import publish_files


def run(task: SnapshotTask, settings: Settings) -> SnapshotReport:
    """Upload the output of work and return the report."""
    location = settings.store_location()
    return publish(task, settings, location, connect(location))


def publish(
    task: SnapshotTask, settings: Settings, location: StoreLocation, store: ObjectStore
) -> SnapshotReport:
    """Upload the output of work and return the report."""
    manifest = SnapshotManifest.model_validate_json((settings.output / SNAPSHOT_FILE).read_bytes())
    quality = QualityReport.model_validate_json((settings.output / QUALITY_FILE).read_bytes())
    path = location.snapshot(task.namespace, manifest.digest)
    stored = _stored_before(store, path, manifest) or _store(store, path, manifest, settings)
    return SnapshotReport(
        digest=manifest.digest,
        path=path,
        rows=manifest.rows,
        from_=manifest.from_,
        to=manifest.to,
        bytes=stored.bytes,
        quality=quality,
    )


def _stored_before(
    store: ObjectStore, path: str, manifest: SnapshotManifest
) -> SnapshotManifest | None:
    """Return the stored manifest, if any; its files may differ, but not its rows."""
    if next(iter(store.objects(f"{path}{SNAPSHOT_FILE}")), None) is None:
        return None
    log_progress("these rows are stored already")
    return read_manifest(store, path, manifest.digest)


def _store(
    store: ObjectStore, path: str, manifest: SnapshotManifest, settings: Settings
) -> SnapshotManifest:
    names = [file.name for file in manifest.files]
    publish_files(store, path, settings.output, names, last=SNAPSHOT_FILE)
    return manifest
