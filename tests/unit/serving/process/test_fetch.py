import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from builders.artifact import BuiltArtifact
from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.store import StoredObject
from perennial_serving.model.integrity import verify
from perennial_serving.process.fetch import fetch

KEY = "perennial/delays/artifacts/abc/"


@dataclass(frozen=True)
class FolderStore:
    """A store whose objects are files."""

    folder: Path

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        for path in sorted(self.folder.rglob(f"{prefix}*")):
            yield StoredObject(path.relative_to(self.folder).as_posix(), path.stat().st_size)

    def read(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def download(self, key: str, path: Path) -> None:
        shutil.copyfile(self.folder / key, path)

    def put(self, key: str, path: Path) -> bool:
        shutil.copyfile(path, self.folder / key)
        return True


@pytest.fixture
def store(flights: BuiltArtifact, tmp_path: Path) -> FolderStore:
    shutil.copytree(flights.folder, tmp_path / "store" / KEY)
    return FolderStore(tmp_path / "store")


def test_a_fetched_artifact_is_the_stored_one(
    flights: BuiltArtifact, store: FolderStore, tmp_path: Path
):
    fetch(store, KEY, flights.digest, tmp_path / "pod" / "model")
    verify(tmp_path / "pod" / "model", flights.digest)


def test_what_was_fetched_before_is_not_fetched_again(
    flights: BuiltArtifact, store: FolderStore, tmp_path: Path
):
    fetch(store, KEY, flights.digest, tmp_path / "model")
    shutil.rmtree(store.folder)
    fetch(store, KEY, flights.digest, tmp_path / "model")


def test_what_an_earlier_try_left_behind_does_not_matter(
    flights: BuiltArtifact, store: FolderStore, tmp_path: Path
):
    (tmp_path / "model.arriving").mkdir()
    (tmp_path / "model.arriving" / "model.skops.part").touch()
    fetch(store, KEY, flights.digest, tmp_path / "model")
    verify(tmp_path / "model", flights.digest)


def test_another_artifact_than_the_wanted_one_is_refused(store: FolderStore, tmp_path: Path):
    with pytest.raises(DigestMismatchError, match=r"manifest\.json"):
        fetch(store, KEY, f"sha256:{'0' * 64}", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_changed_file_is_named_and_nothing_is_left_to_serve(
    flights: BuiltArtifact, store: FolderStore, tmp_path: Path
):
    with (store.folder / KEY / "model.skops").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DigestMismatchError, match=r"model\.skops"):
        fetch(store, KEY, flights.digest, tmp_path / "model")
    assert not (tmp_path / "model").exists()
