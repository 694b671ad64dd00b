import numpy as np

from perennial.artifacts.compiled import Leaves, Median, Sums, Taken
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import constant_tree
from perennial_serving.model.forests import forest


def trees(*weights, apart=True):
    """Trees that each say the same of every row."""
    made = [constant_tree(weight, at if apart else 0) for at, weight in enumerate(weights)]
    outputs = len(weights) if apart else 1
    return ensemble_of(made, outputs, 1, Taken.ANYTHING)


def said(stored):
    return forest(stored, 1)(np.zeros((1, 1))).tolist()


def test_sums_are_divided():
    together = trees(1.0, 2.0, 6.0, apart=False)
    assert said(Sums(trees=together)) == [[9.0]]
    assert said(Sums(trees=together, divisor=2)) == [[4.5]]


def test_each_tree_adds_the_line_of_its_leaf():
    table = np.array([[1.0, 0.0], [9.0, 9.0], [0.5, 2.5]])
    stored = Leaves(trees=trees(0.0, 2.0), table=table, divisor=np.array([2.0]))
    assert said(stored) == [[0.75, 1.25]]


def test_many_rows_go_through_a_wide_table_in_parts():
    table = np.ones((1, 256))
    stored = Leaves(trees=trees(0.0), table=table, divisor=np.array([1.0]))
    scores = forest(stored, 1)(np.zeros((5000, 1)))
    assert scores.shape == (5000, 256)
    assert (scores == 1.0).all()


def test_the_median_is_the_first_amount_that_reaches_half_of_the_weight():
    stored = Median(trees=trees(5.0, 1.0, 3.0), weights=np.array([1.0, 1.0, 1.0]))
    assert said(stored) == [[3.0]]
    heavy = stored.model_copy(update={"weights": np.array([9.0, 1.0, 1.0])})
    assert said(heavy) == [[5.0]]
