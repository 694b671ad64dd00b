import numpy as np
import pytest

from perennial.artifacts.answers import Answers
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.refusals import answered, finite

HALF = [0.5, 0.5]


def batch(*numbers: float) -> Batch:
    column = np.array(numbers)[:, None]
    return Batch(column, np.empty((len(numbers), 0), np.intp), [])


@pytest.mark.parametrize(
    "answers",
    [
        Answers([1.5, -2.0], None),
        Answers([1.7e308, 1.7e308], None),
        Answers(["late", "fine"], None),
        Answers([True, False], None),
        Answers(["late", "fine"], np.array([HALF, HALF])),
    ],
)
def test_finite_answers_pass(answers: Answers):
    with np.errstate(over="ignore"):
        assert finite(answers) is answers


@pytest.mark.parametrize(
    "answers",
    [
        Answers([1.0, float("inf")], None),
        Answers([1.0, float("nan")], None),
        Answers([True, False], np.array([HALF, [np.nan, 0.5]])),
    ],
)
def test_an_answer_without_end_refuses_its_row(answers: Answers):
    with pytest.raises(RowRefusedError, match="no finite answer") as refused:
        finite(answers)
    assert refused.value.row == 1


def no_negatives(rows: Batch) -> Answers:
    if (rows.numbers < 0).any():
        raise ValueError("Negative values in data.\nSee the documentation.")
    return Answers(rows.numbers[:, 0].tolist(), None)


@pytest.mark.parametrize("row", [0, 1, 6, 12])
def test_of_a_refused_batch_the_first_refused_row_is_named(row):
    numbers = np.arange(13.0)
    numbers[[row, 12]] = -1.0
    with pytest.raises(
        RowRefusedError, match=r"cannot answer it: Negative values in data\.$"
    ) as it:
        answered(no_negatives, batch(*numbers))
    assert it.value.row == row


def test_a_row_that_a_part_refuses_keeps_its_name():
    def refuse(_rows: Batch) -> Answers:
        raise RowRefusedError(3, "distance", "unknown")

    with pytest.raises(RowRefusedError) as refused:
        answered(refuse, batch(0.0))
    assert (refused.value.row, refused.value.column) == (3, "distance")


def test_what_is_no_refusal_stays_what_it_is():
    def fail(_rows: Batch) -> Answers:
        raise MemoryError

    with pytest.raises(MemoryError):
        answered(fail, batch(0.0))
