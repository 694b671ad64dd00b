import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from builders.artifact import INPUTS, artifact, flights
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.tier import Tier
from perennial.jobs.parity.cells import Cells
from perennial_serving.model.columns import Columns
from perennial_serving.model.encoded import EncodedPredictor
from perennial_serving.model.errors import RowRefusedError


def test_an_estimator_without_a_compiled_form_answers_encoded_rows(tmp_path):
    built = artifact(tmp_path / "model", KNeighborsClassifier(), tier=Tier.ENCODED)
    schema = built.predictor.schema
    frame = canonical_frame(INPUTS, flights(60, seed=5))
    found = EncodedPredictor.load(built.folder, schema).answer(
        Cells.of_frame(schema, frame).batch(Columns(schema))
    )
    expected = built.predictor.answer(frame)
    assert found.predictions == expected.predictions
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)


def test_what_the_estimator_refuses_is_refused_by_its_row(tmp_path):
    built = artifact(tmp_path / "model", KNeighborsClassifier(), tier=Tier.ENCODED)
    schema = built.predictor.schema
    cells = Cells.of_frame(schema, canonical_frame(INPUTS, flights(9)))
    distances = np.where(np.arange(9) == 4, np.inf, cells.numbers[:, 1])
    cells = cells.with_numbers(1, distances)
    with pytest.raises(RowRefusedError) as refused:
        EncodedPredictor.load(built.folder, schema).answer(cells.batch(Columns(schema)))
    assert refused.value.row == 4
