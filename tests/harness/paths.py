"""Where the harness keeps things: the cache survives `down`, the state does not."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HARNESS = Path(__file__).resolve().parent


def cache() -> Path:
    """Return the folder for what is slow to make and keyed by what it was made from."""
    return _folder("XDG_CACHE_HOME", ".cache")


def state() -> Path:
    """Return the folder for what lives as long as one cluster."""
    return _folder("XDG_STATE_HOME", ".local/state")


def key(files: Iterable[Path], *words: str) -> str:
    """Return a short name for the content of these files and these words."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def complete_or_absent(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill, which takes its place in the cache when nothing went wrong."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        yield made
        made.rename(folder)


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "perennial"
