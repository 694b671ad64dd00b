import numpy as np

from builders.counting import layout_of
from perennial.artifacts.answers import Answers
from perennial_serving.counters.grades import Kind, grader


def test_two_classes_are_graded_by_the_positive_one():
    layout = layout_of("two")
    grade = grader(layout.schema, layout.profile)
    answers = Answers([False, True], np.array([[0.9, 0.1], [0.3, 0.7]]))
    classes, predictions, confidences, bins = grade(answers)
    assert (layout.kind, classes.tolist()) == (Kind.SCORED, [0, 1])
    assert (predictions.tolist(), confidences.tolist()) == ([0.1, 0.7], [0.9, 0.7])
    edges = layout.profile.prediction.edges
    assert edges[bins[1] - 1] < 0.7 <= edges[bins[1]]


def test_three_classes_are_graded_by_the_one_that_was_answered():
    layout = layout_of("three")
    grades = grader(layout.schema, layout.profile)(Answers(["fine"], np.array([[0.2, 0.5, 0.3]])))
    assert (layout.kind, grades.classes, grades.confidences) == (Kind.CHOSEN, [1], [0.5])
    assert np.isnan(grades.predictions)


def test_numbers_are_graded_by_themselves():
    layout = layout_of("none")
    grades = grader(layout.schema, layout.profile)(Answers([1e9], None))
    assert (layout.kind, grades.classes, grades.predictions) == (Kind.ESTIMATED, [0], [1e9])
    assert grades.bins == len(layout.score_bins) - 1
