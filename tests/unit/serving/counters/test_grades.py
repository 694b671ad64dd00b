import math

import numpy as np

from builders.counting import layout_of
from perennial.artifacts.answers import Answers
from perennial_serving.counters.grades import Kind, grader


def test_two_classes_are_graded_by_the_positive_one():
    layout = layout_of("two")
    grade = grader(layout.schema, layout.profile)
    answers = Answers([False, True], np.array([[0.9, 0.1], [0.3, 0.7]]))
    (first, second) = grade(answers)
    assert (layout.kind, first[:3], second[:3]) == (Kind.SCORED, (0, 0.1, 0.9), (1, 0.7, 0.7))
    edges = layout.profile.prediction.edges
    assert edges[second[3] - 1] < 0.7 <= edges[second[3]]


def test_three_classes_are_graded_by_the_one_that_was_answered():
    layout = layout_of("three")
    (grade,) = grader(layout.schema, layout.profile)(Answers(["fine"], np.array([[0.2, 0.5, 0.3]])))
    assert (layout.kind, grade[0], grade[2]) == (Kind.CHOSEN, 1, 0.5)
    assert math.isnan(grade[1])


def test_numbers_are_graded_by_themselves():
    layout = layout_of("none")
    (grade,) = grader(layout.schema, layout.profile)(Answers([1e9], None))
    assert (layout.kind, grade[1]) == (Kind.ESTIMATED, 1e9)
    assert grade[3] == len(layout.score_bins) - 1
