import json

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

from builders.designs import design, row, rows
from perennial.artifacts.answers import (
    Samples,
    WrongAnswerError,
)
from perennial.artifacts.pipeline import TrainedPipeline, answers_of
from perennial.artifacts.trusted_types import UntrustedTypeError
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.training.model_file import write_model

PARTS = {"late": "GaussianNB", "grade": "GaussianNB", "level": "LinearSVC", "price": "Ridge"}


def trained(target: str = "late", estimator: str = "") -> TrainedPipeline:
    stated = design(target, estimator=estimator or PARTS[target])
    learned = rows(target)
    return TrainedPipeline(stated.schema, build(stated).fit(learned.frame, learned.target))


@pytest.mark.parametrize("target", ["late", "grade", "price"])
def test_answers_are_the_pipelines_own(target):
    model, unseen = trained(target), rows(target).frame
    answers = model.answer(unseen)
    assert answers.predictions == model.pipeline.predict(unseen).tolist()
    if target != "price":
        assert (answers.probabilities == model.pipeline.predict_proba(unseen)).all()


def test_the_estimator_decides_and_no_threshold_of_ours():
    model, unseen = trained(estimator="LinearSVC"), rows().frame
    decisions = model.pipeline.decision_function(unseen) > 0
    assert model.answer(unseen).predictions == decisions.tolist()


@pytest.mark.parametrize(
    ("target", "kind"), [("late", bool), ("grade", str), ("level", int), ("price", float)]
)
def test_a_prediction_is_a_json_value_of_its_type(target, kind):
    model = trained(target)
    (answer,) = model.answer_rows([row(amount=1.0, city="Bonn")]).matching(model.schema)
    assert type(answer["prediction"]) is kind
    assert json.loads(json.dumps(answer)) == answer


def test_the_amounts_of_a_regression_are_never_integers():
    whole = DummyRegressor(strategy="constant", constant=3).fit([[0.0]], [3])
    (amount,) = answers_of(whole, np.zeros((1, 1))).predictions
    assert (amount, type(amount)) == (3.0, float)


def test_probabilities_are_named_by_their_class():
    model = trained("grade")
    (answer,) = model.answer_rows([row()]).matching(model.schema)
    assert list(answer["probabilities"]) == ["low", "middle", "top"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_without_probabilities_there_is_a_prediction_only():
    model = trained("level")
    (answer,) = model.answer_rows([row()]).matching(model.schema)
    assert answer.keys() == {"prediction"}


def test_a_value_that_is_not_given_is_missing():
    model = trained()
    given, left_out = {"amount": None, "visits": 3}, {"visits": 3}
    one, other = model.answer_rows([given, left_out]).matching(model.schema)
    assert one == other


def test_a_model_that_answers_as_before_passes_its_check():
    model = trained()
    unseen = (row(amount=1.0), row(city="Cork"))
    samples = Samples(unseen, tuple(model.answer_rows(unseen).matching(model.schema)))
    model.self_check(samples)


def test_a_model_that_answers_otherwise_is_found_out():
    unseen = (row(amount=1.0),)
    model = trained()
    samples = Samples(unseen, tuple(model.answer_rows(unseen).matching(model.schema)))
    with pytest.raises(WrongAnswerError, match="sample row 0"):
        trained(estimator="LogisticRegression").self_check(samples)


def test_an_artifact_cannot_ask_for_trust(tmp_path):
    model = trained()
    write_model(model.pipeline, tmp_path)
    (tmp_path / "schema.json").write_text(model.schema.model_dump_json(by_alias=True))
    assert TrainedPipeline.load(tmp_path).schema == model.schema
    (tmp_path / "trusted-types.json").write_text('["os.system"]')
    with pytest.raises(UntrustedTypeError, match=r"os\.system"):
        TrainedPipeline.load(tmp_path)
