"""Uploads to the store: the manifest is uploaded last and commits all other files."""

from collections.abc import Iterable
from pathlib import Path

from perennial.artifacts.store import ObjectStore
from perennial.jobs.progress import log_progress


def publish_files(
    store: ObjectStore, path: str, folder: Path, names: Iterable[str], last: str
) -> bool:
    """Upload files of a folder under a key prefix; return whether the last one was new."""
    for name in names:
        if name != last:
            store.put(f"{path}{name}", folder / name)
            log_progress(f"stored {name}")
    return store.put(f"{path}{last}", folder / last)
