import json

import numpy as np
import pytest

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.answers import (
    SAMPLES_FILE,
    Answers,
    Samples,
    WrongAnswerError,
    check_answers,
    load_samples,
)
from perennial.artifacts.model_schema import Input, ModelSchema

INPUTS = (Input(name="amount", type=ColumnType.NUMBER, nullable=True),)
CLASSES = ModelSchema(
    problem=Problem.CLASSIFICATION, target="late", classes=(False, True), inputs=INPUTS
)
NUMBERS = ModelSchema(problem=Problem.REGRESSION, target="price", inputs=INPUTS)


def test_probabilities_are_named_by_class():
    answers = Answers([True], np.array([[0.25, 0.75]]))
    assert list(answers.matching(CLASSES)) == [
        {"prediction": True, "probabilities": {"false": 0.25, "true": 0.75}}
    ]


def test_a_number_has_no_probabilities():
    assert list(Answers([1.5, 2.5], None).matching(NUMBERS)) == [
        {"prediction": 1.5},
        {"prediction": 2.5},
    ]


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
    samples = [{"prediction": expected}]
    if agree:
        check_answers([{"prediction": given}], samples)
    else:
        with pytest.raises(WrongAnswerError):
            check_answers([{"prediction": given}], samples)


def test_an_answer_without_its_probabilities_is_an_error():
    with pytest.raises(WrongAnswerError):
        check_answers([{"prediction": 1}], [{"prediction": 1, "probabilities": {"1": 1.0}}])


def test_a_wrong_answer_is_an_error_that_names_its_row():
    right, wrong = {"prediction": 1.5}, {"prediction": 2.5}
    with pytest.raises(WrongAnswerError, match="sample row 1: "):
        check_answers([right, wrong], [right, right])


def test_samples_are_read_as_they_were_written(tmp_path):
    samples = Samples(({"amount": None}, {"amount": 1.5}), ({"prediction": 1.0},) * 2)
    (tmp_path / SAMPLES_FILE).write_text(samples.to_json())
    assert load_samples(tmp_path) == samples
    assert json.loads(samples.to_json()).keys() == {"rows", "answers"}


def test_a_sample_is_never_infinite():
    with pytest.raises(ValueError, match="JSON"):
        Samples((), ({"prediction": float("inf")},)).to_json()
