from http import HTTPStatus

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact, artifact
from perennial.artifacts.answers import Answers
from perennial.artifacts.manifest import DigestMismatchError
from perennial_serving.model import ServedModel
from perennial_serving.wire.columns import Table
from perennial_serving.wire.errors import Refusal


def served(built: BuiltArtifact) -> ServedModel:
    return ServedModel(MODEL, VERSION, built.digest, built.predictor)


def table(**changed) -> Table:
    return Table({name: [value] for name, value in {**ROW, **changed}.items()}, 1)


def test_a_model_is_loaded_from_a_folder_that_its_digest_names(flights: BuiltArtifact):
    model = ServedModel.load(MODEL, VERSION, flights.digest, flights.folder)
    expected = flights.predictor.answer_rows([ROW])
    np.testing.assert_array_equal(model.answer(table()).probabilities, expected.probabilities)


def test_a_model_of_another_digest_is_not_loaded(flights: BuiltArtifact):
    with pytest.raises(DigestMismatchError):
        ServedModel.load(MODEL, VERSION, f"sha256:{'0' * 64}", flights.folder)


def test_a_model_says_whether_it_gives_probabilities(flights: BuiltArtifact, tmp_path):
    assert served(flights).gives_probabilities
    assert not served(artifact(tmp_path / "model", LinearSVC())).gives_probabilities


class Unsure:
    """Stands for a model whose answer has no end."""

    def __init__(self, answers: Answers, built: BuiltArtifact) -> None:
        self.answers = answers
        self.schema = built.predictor.schema

    def answer(self, _frame) -> Answers:
        return self.answers


@pytest.mark.parametrize(
    "answers",
    [
        Answers([1.0, float("inf")], None),
        Answers([True, False], np.array([[0.5, 0.5], [np.nan, 0.5]])),
    ],
)
def test_an_answer_without_end_is_none(flights: BuiltArtifact, answers: Answers):
    model = ServedModel(MODEL, VERSION, flights.digest, Unsure(answers, flights))
    with pytest.raises(Refusal, match="no finite answer for row 1") as refused:
        model.answer(table())
    assert refused.value.status is HTTPStatus.UNPROCESSABLE_ENTITY
