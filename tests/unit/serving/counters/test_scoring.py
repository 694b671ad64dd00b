import numpy as np
import pytest

from builders.counting import layout_of
from perennial.artifacts.answers import Answers
from perennial_serving.counters.scoring import AnswerScores, LabelKind, scorer


def scores(classes: str, answers: Answers, **changes) -> AnswerScores:
    layout = layout_of(classes, **changes)
    return scorer(layout.schema, layout.profile)(answers)


def test_two_classes_are_graded_by_the_positive_one():
    layout = layout_of("two")
    said = scores("two", Answers([False, True], np.array([[0.9, 0.1], [0.3, 0.7]])))
    assert (layout.kind, said.classes.tolist()) == (LabelKind.SCORED, [0, 1])
    assert said.numbers.tolist() == [0.1, 0.7]
    edges = layout.profile.prediction.edges
    assert edges[said.bins[1] - 1] < 0.7 <= edges[said.bins[1]]


def test_three_classes_are_graded_by_the_one_that_was_answered():
    said = scores("three", Answers(["fine"], np.array([[0.2, 0.5, 0.3]])))
    assert (layout_of("three").kind, said.classes, said.numbers) == (LabelKind.CHOSEN, [1], [0.5])


def test_an_answer_is_the_class_that_was_said_however_likely_it_is():
    said = scores("three", Answers(["late"], np.array([[0.2, 0.5, 0.3]])))
    assert (said.classes, said.numbers) == ([2], [0.3])


def test_numbers_are_graded_by_themselves():
    layout = layout_of("none")
    said = scores("none", Answers([1e9], None))
    assert (layout.kind, said.classes, said.numbers) == (LabelKind.ESTIMATED, [0], [1e9])
    assert said.bins == len(layout.score_bins) - 1


def test_a_number_on_an_edge_is_of_the_bin_that_ends_there():
    edges = layout_of("none").profile.prediction.edges
    assert scores("none", Answers(list(edges), None)).bins.tolist() == [*range(len(edges))]


def test_a_class_without_probabilities_has_no_number():
    said = scores("two", Answers([True], None), probabilities=False)
    assert (said.classes, said.bins) == ([1], [0])
    assert np.isnan(said.numbers)


@pytest.mark.parametrize("classes", ["two", "three"])
def test_probabilities_in_single_precision_are_kept_in_double(classes: str):
    likely = np.full((4, 3 if classes == "three" else 2), 0.25, np.float32)
    labels = {"two": [True] * 4, "three": ["fine"] * 4}[classes]
    assert scores(classes, Answers(labels, likely)).values.dtype == np.float64
