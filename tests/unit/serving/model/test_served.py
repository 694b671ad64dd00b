import numpy as np
import pytest
from sklearn.svm import LinearSVC

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact, artifact
from perennial.artifacts.frame import frame_of_rows
from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.tier import Tier
from perennial.jobs.parity.cells import Cells
from perennial_serving.model.columns import Columns
from perennial_serving.model.served import ServedModel


def loaded(built: BuiltArtifact) -> ServedModel:
    return ServedModel.load(MODEL, VERSION, built.digest, built.folder)


def test_a_model_is_loaded_from_a_folder_that_its_digest_names(flights: BuiltArtifact):
    model = loaded(flights)
    frame = frame_of_rows(model.schema.inputs, [ROW])
    batch = Cells.of_frame(model.schema, frame).batch(Columns(model.schema))
    expected = flights.predictor.answer(frame)
    found = model.predictor.answer(batch)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-12)
    assert (model.predictor.tier, model.profile.rows) == (Tier.COMPILED, 200)


def test_a_model_of_another_digest_is_not_loaded(flights: BuiltArtifact):
    with pytest.raises(DigestMismatchError):
        ServedModel.load(MODEL, VERSION, f"sha256:{'0' * 64}", flights.folder)


@pytest.mark.parametrize("name", ["serving.json", "encoder.json", "profile.json", "arrays.npz"])
def test_a_changed_byte_is_told_by_its_file(name, tmp_path):
    built = artifact(tmp_path / "model")
    content = bytearray((built.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (built.folder / name).write_bytes(content)
    with pytest.raises(DigestMismatchError, match=name):
        loaded(built)


def test_a_model_says_whether_it_gives_probabilities(flights: BuiltArtifact, tmp_path):
    assert loaded(flights).gives_probabilities
    assert not loaded(artifact(tmp_path / "model", LinearSVC())).gives_probabilities
