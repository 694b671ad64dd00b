import shutil
from pathlib import Path

import pytest

from builders.artifact import BuiltArtifact
from perennial.artifacts.manifest import DigestMismatchError
from perennial_serving.model.integrity import verify


@pytest.fixture
def copy(flights: BuiltArtifact, tmp_path: Path) -> Path:
    return shutil.copytree(flights.folder, tmp_path / "model")


def test_an_untouched_artifact_is_accepted(flights: BuiltArtifact, copy: Path):
    verify(copy, flights.digest)


def test_a_changed_byte_in_any_file_is_found(flights: BuiltArtifact, copy: Path):
    for file in sorted(copy.iterdir()):
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(DigestMismatchError, match=file.name):
            verify(copy, flights.digest)
        file.write_bytes(content)


def test_a_file_that_is_missing_or_too_many_is_found(flights: BuiltArtifact, copy: Path):
    (copy / "extra.py").touch()
    with pytest.raises(DigestMismatchError, match=r"extra\.py"):
        verify(copy, flights.digest)
    (copy / "extra.py").unlink()
    for name in ("schema.json", "manifest.json"):
        (copy / name).unlink()
        with pytest.raises(DigestMismatchError, match=name):
            verify(copy, flights.digest)
