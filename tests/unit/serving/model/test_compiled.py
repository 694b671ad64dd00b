import numpy as np
import pytest

from perennial.artifacts.compiled import Constant, Decision, Estimator, Linear, Link
from perennial.artifacts.encoding import EncoderFormat, Numbers
from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.columns import Columns
from perennial_serving.model.compiled import CompiledEstimator, CompiledPredictor
from perennial_serving.model.errors import RowRefusedError

ROW = np.zeros((1, 1))


def answer(scores, decision, classes=None, link=None, dense=ROW):
    expression = Constant(scores=np.array(scores))
    estimator = Estimator(width=1, scores=expression, decision=decision, probabilities=link)
    return served(estimator, classes).answer(dense)


def served(estimator, classes=None):
    schema = ModelSchema.model_validate(
        {
            "problem": "Regression" if classes is None else "Classification",
            "target": "y",
            "classes": classes,
            "inputs": [{"name": "x", "type": "Number", "nullable": True}],
        }
    )
    return CompiledEstimator(estimator, schema)


@pytest.mark.parametrize(
    ("scores", "decision", "label"),
    [
        ([0.0], Decision.POSITIVE, "no"),
        ([1e-300], Decision.POSITIVE, "yes"),
        ([0.0], Decision.NOT_NEGATIVE, "yes"),
        ([-1e-300], Decision.NOT_NEGATIVE, "no"),
        ([0.5, 0.5], Decision.LARGEST, "no"),
        ([0.4, 0.6], Decision.LARGEST, "yes"),
    ],
)
def test_the_label_follows_the_estimator_s_own_rule(scores, decision, label):
    assert answer(scores, decision, ["no", "yes"]).predictions == [label]


def test_a_class_may_be_a_truth_value():
    assert answer([1.0], Decision.POSITIVE, [False, True]).predictions[0] is True


def test_a_regression_answers_its_score():
    assert answer([2.5], Decision.VALUE, dense=np.zeros((3, 1))).predictions == [2.5] * 3


def test_probabilities_stand_beside_the_label_where_there_is_a_link():
    classes = ["no", "yes"]
    likely = answer([0.0], Decision.POSITIVE, classes, Link.LOGISTIC_PAIR).probabilities
    assert likely.tolist() == [[0.5, 0.5]]
    assert answer([0.0], Decision.POSITIVE, classes).probabilities is None


def test_an_answer_that_is_no_number_is_refused():
    line = Linear(coefficients=np.array([[1e308]]), intercept=np.array([0.0]))
    estimator = Estimator(width=1, scores=line, decision=Decision.VALUE)
    with pytest.raises(RowRefusedError) as caught:
        served(estimator).answer(np.array([[1.0], [10.0]]))
    assert caught.value.row == 1


def test_a_refusal_names_the_input_that_fed_the_estimator(tmp_path):
    schema = ModelSchema.model_validate(
        {
            "problem": "Regression",
            "target": "y",
            "inputs": [
                {"name": "city", "type": "Category", "nullable": True, "categories": ["Bonn"]},
                {"name": "visits", "type": "Integer", "nullable": True},
                {"name": "amount", "type": "Number", "nullable": True},
            ],
        }
    )
    line = Linear(coefficients=np.ones((2, 1)), intercept=np.zeros(1))
    Estimator(width=2, scores=line, decision=Decision.VALUE).write(tmp_path)
    swapped = Numbers(inputs=(1, 0), steps=(), first=0)
    EncoderFormat(
        width=2, words=((),), numbers=(swapped,), codes=(), lookups=(), refusals=()
    ).write(tmp_path)
    predictor = CompiledPredictor.load(tmp_path, schema)
    batch = Columns(schema).of_rows([(1.0, 2.0, "Bonn"), (1.0, None, "Bonn")])
    with pytest.raises(RowRefusedError) as caught:
        predictor.answer(batch)
    assert (caught.value.row, caught.value.column) == (1, "amount")
    assert predictor.answer(batch.part(0, 1)).predictions == [3.0]
