import numpy as np
import pyarrow as pa
import pytest

from builders.training import task
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.table.target import (
    MOST_CLASSES,
    check_parts,
    check_rows,
    classes_of,
    positive_class,
    target_values,
)


def cells(*values) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


def refused(check, *arguments) -> JobFailure:
    with pytest.raises(JobFailure) as failure:
        check(*arguments)
    assert failure.value.in_spec
    return failure.value


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ((True, False, True), (False, True)),
        ((3, 1, 2), (1, 2, 3)),
        (("b", "a", "b"), ("a", "b")),
    ],
)
def test_labels_keep_their_type(values, classes):
    found = classes_of(target_values(cells(*values), Problem.CLASSIFICATION))
    assert found == classes
    assert [type(label) for label in found] == [type(label) for label in classes]


def test_a_regression_learns_floats():
    target = target_values(cells(1, 2, 3), Problem.REGRESSION)
    assert target.dtype == np.float64


@pytest.mark.parametrize(
    ("classes", "named", "positive"),
    [
        ((False, True), None, True),
        ((False, True), "false", False),
        ((0, 1), None, 1),
        ((1, 2), None, 1),
        ((3, 4), None, 4),
        (("kept", "lost"), None, "lost"),
        (("false", "true"), None, "true"),
        (("kept", "lost"), "kept", "kept"),
        (("a", "b", "c"), None, None),
        ((0, 1, 2), None, None),
    ],
)
def test_the_positive_class_is_the_named_one_or_true_or_one_or_the_last(classes, named, positive):
    assert positive_class(classes, named) is positive


def test_a_positive_class_that_does_not_occur_is_refused_with_those_that_do():
    failure = refused(positive_class, ("kept", "lost"), "gone")
    assert failure.reason is JobReason.INVALID_SPEC
    assert failure.message == "spec.positiveClass: the target has no class gone; it has kept, lost"


def test_a_positive_class_among_three_is_refused():
    failure = refused(positive_class, ("a", "b", "c"), "a")
    assert "the target has 3 classes, not two" in failure.message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([True] * 50, "it is true in every row"),
        ([None] * 50, "every row lacks it"),
        ([True, False] * 3, "only 6 rows have it"),
        ([str(number) for number in range(MOST_CLASSES + 1)], "is it an identifier"),
    ],
)
def test_what_cannot_be_classified_is_refused(values, words):
    failure = refused(check_rows, task(), pa.chunked_array([pa.array(values, _kind(values))]))
    assert failure.reason is JobReason.INVALID_TARGET
    assert failure.message.startswith("spec.target: late cannot be learned: ")
    assert words in failure.message


def test_a_class_that_is_in_one_part_only_is_named():
    values = cells(*["a"] * 6, *["b"] * 5, "c")
    held_out = np.array([False] * 9 + [True] * 3)
    failure = refused(check_parts, task("grade"), values, held_out)
    assert "no row of the training part is c;" in failure.message
    failure = refused(check_parts, task("grade"), values, ~held_out)
    assert "no row of the training part is a;" in failure.message


def _kind(values):
    return pa.bool_() if values[0] is None else None
