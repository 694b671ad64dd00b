"""Lists the files of a mounted volume like the objects of a store."""

from collections.abc import Iterator
from pathlib import Path

from perennial.artifacts.store import StoredObject


def files_of(root: Path, path: str) -> Iterator[StoredObject]:
    """List the files whose paths begin with this, in the order of their paths.

    Symbolic links that lead out of the volume are skipped.
    """
    real_root = root.resolve()
    start = root / path
    folder = start if path.endswith("/") else start.parent
    for file in sorted(folder.rglob("*")):
        key = file.relative_to(root).as_posix()
        if key.startswith(path) and file.is_file() and file.resolve().is_relative_to(real_root):
            yield StoredObject(key, file.stat().st_size)
