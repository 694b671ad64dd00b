import json

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

from builders.designs import design, row, rows
from perennial.artifacts.answers import (
    Answers,
    Samples,
    WrongAnswerError,
    check_answers,
    load_samples,
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
    asked = (row(amount=1.0), row(city="Cork"))
    told = Samples(asked, tuple(model.answer_rows(asked).matching(model.schema)))
    model.self_check(told)


def test_a_model_that_answers_otherwise_is_found_out():
    asked = (row(amount=1.0),)
    model = trained()
    told = Samples(asked, tuple(model.answer_rows(asked).matching(model.schema)))
    with pytest.raises(WrongAnswerError, match="sample row 0"):
        trained(estimator="LogisticRegression").self_check(told)


@pytest.mark.parametrize(
    ("given", "expected", "agree"),
    [
        (0.5, 0.5 + 1e-10, True),
        (0.5, 0.5 + 1e-8, False),
        (1e9, 1e9 + 0.5, True),
        (1e9, 1e9 + 5, False),
        (3.0, 3, True),
        (True, 1, False),
        (1, True, False),
        ("1", 1, False),
    ],
)
def test_answers_agree_to_nine_digits(given, expected, agree):
    told = [{"prediction": expected}]
    if agree:
        check_answers([{"prediction": given}], told)
    else:
        with pytest.raises(WrongAnswerError):
            check_answers([{"prediction": given}], told)


def test_an_answer_without_its_probabilities_is_found_out():
    with pytest.raises(WrongAnswerError):
        check_answers([{"prediction": 1}], [{"prediction": 1, "probabilities": {"1": 1.0}}])


def test_samples_are_read_as_they_were_written(tmp_path):
    told = Samples((row(amount=1.5),), ({"prediction": True},))
    (tmp_path / "samples.json").write_text(told.to_json())
    assert load_samples(tmp_path) == told


def test_a_sample_is_never_infinite():
    with pytest.raises(ValueError, match="JSON"):
        Samples((), ({"prediction": float("inf")},)).to_json()


def test_an_artifact_cannot_ask_for_trust(tmp_path):
    model = trained()
    write_model(model.pipeline, tmp_path)
    (tmp_path / "schema.json").write_text(model.schema.model_dump_json(by_alias=True))
    assert TrainedPipeline.load(tmp_path).schema == model.schema
    (tmp_path / "trusted-types.json").write_text('["os.system"]')
    with pytest.raises(UntrustedTypeError, match=r"os\.system"):
        TrainedPipeline.load(tmp_path)


def test_answers_hold_one_line_per_row():
    answers = Answers([True, False], np.array([[0.1, 0.9], [0.8, 0.2]]))
    told = list(answers.matching(design().schema))
    assert told[1] == {"prediction": False, "probabilities": {"false": 0.8, "true": 0.2}}
