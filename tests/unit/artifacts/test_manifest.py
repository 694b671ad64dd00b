import pytest
from pydantic import ValidationError

from perennial.api.reasons import JobReason
from perennial.artifacts.manifest import (
    MANIFEST_FILE,
    ArtifactManifest,
    DigestMismatchError,
    StoredFile,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.skops").write_bytes(b"model")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.json").write_bytes(b"{}")
    return tmp_path


def test_a_folder_is_what_its_manifest_says(folder):
    manifest = ArtifactManifest.of_folder(folder)
    manifest.verify(folder)
    assert [file.name for file in manifest.files] == ["model.skops", "more/a.json"]
    assert manifest.bytes == 7


def test_the_digest_hangs_on_content_alone(folder, tmp_path):
    before = ArtifactManifest.of_folder(folder, {"estimator": "Ridge"})
    (folder / "model.skops").touch()
    assert ArtifactManifest.of_folder(folder, {"estimator": "Ridge"}).digest == before.digest
    assert ArtifactManifest.of_folder(folder, {"estimator": "Lasso"}).digest != before.digest


def test_the_manifest_itself_is_none_of_its_files(folder):
    manifest = ArtifactManifest.of_folder(folder)
    (folder / MANIFEST_FILE).write_bytes(manifest.to_bytes())
    assert ArtifactManifest.of_folder(folder) == manifest
    manifest.verify(folder)


def test_a_manifest_read_back_is_the_same(folder):
    manifest = ArtifactManifest.of_folder(folder, {"classes": [True, False]})
    assert ArtifactManifest.from_bytes(manifest.to_bytes(), manifest.digest) == manifest


def test_a_manifest_of_another_digest_is_refused(folder):
    manifest = ArtifactManifest.of_folder(folder)
    with pytest.raises(DigestMismatchError, match=r"manifest\.json has digest sha256"):
        ArtifactManifest.from_bytes(manifest.to_bytes() + b" ", manifest.digest)


def test_one_changed_byte_names_its_file(folder):
    manifest = ArtifactManifest.of_folder(folder)
    (folder / "model.skops").write_bytes(b"mOdel")
    with pytest.raises(DigestMismatchError, match=r"model\.skops has changed") as error:
        manifest.verify(folder)
    assert error.value.reason is JobReason.DIGEST_MISMATCH


def test_a_file_cut_off_a_missing_one_and_a_strange_one_are_told_apart(folder):
    manifest = ArtifactManifest.of_folder(folder)
    (folder / "more" / "b.json").write_bytes(b"")
    with pytest.raises(DigestMismatchError, match=r"more/b\.json is not part of the artifact"):
        manifest.verify(folder)
    (folder / "model.skops").write_bytes(b"mod")
    with pytest.raises(DigestMismatchError, match="has 3 bytes, expected 5"):
        manifest.verify(folder)
    (folder / "model.skops").unlink()
    with pytest.raises(DigestMismatchError, match=r"model\.skops is missing"):
        manifest.verify(folder)


def test_a_link_is_no_file_of_an_artifact(folder):
    manifest = ArtifactManifest.of_folder(folder)
    (folder / "model.skops").rename(folder.parent / "elsewhere")
    (folder / "model.skops").symlink_to(folder.parent / "elsewhere")
    with pytest.raises(DigestMismatchError, match=r"model\.skops is missing"):
        manifest.verify(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "a//b", ".hidden", "", "a/"])
def test_a_name_never_leads_out_of_the_folder(name):
    with pytest.raises(ValidationError):
        StoredFile(name=name, sha256="0" * 64, bytes=0)


def test_a_file_stands_in_a_manifest_once():
    file = StoredFile(name="a", sha256="0" * 64, bytes=0)
    with pytest.raises(ValidationError, match="without a name twice"):
        ArtifactManifest(files=(file, file))
