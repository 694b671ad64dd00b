import gc
import subprocess
import sys
import weakref

import numpy as np

from perennial.artifacts.compiled import (
    Calibrated,
    Constant,
    Leaves,
    Linear,
    Link,
    Linked,
    Mean,
    Sigmoid,
    Taken,
)
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import constant_tree
from perennial_serving.model.expressions import evaluator

DENSE = np.array([[1.0, 2.0], [3.0, -1.0]])
LINE = Linear(coefficients=np.array([[2.0], [1.0]]), intercept=np.array([0.5]))


def scores(expression, dense=DENSE):
    return evaluator(expression, 2)(dense)


def constant(*values):
    return Constant(scores=np.array(values))


def test_a_mean_weighs_its_parts():
    parts = (constant(1.0, 0.0), constant(0.0, 1.0))
    assert scores(Mean(parts=parts))[0].tolist() == [0.5, 0.5]
    weighted = Mean(parts=parts, weights=np.array([3.0, 1.0]))
    assert scores(weighted)[0].tolist() == [0.75, 0.25]


def test_curves_are_taken_of_the_scores_below_them():
    flat = Sigmoid(slope_and_offset=np.array([0.0, 0.0]))
    calibrated = Calibrated(of=LINE, columns=(0,), curves=(flat,), classes=(1,), outputs=2)
    assert scores(calibrated).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_link_follows_its_scores():
    linked = Linked(of=constant(0.0), link=Link.EXPONENTIAL)
    assert scores(linked).tolist() == [[1.0], [1.0]]


def test_what_the_runtime_has_read_is_not_kept():
    trees = ensemble_of([constant_tree(1.0, 0)], 1, 2, Taken.ANYTHING)
    table, divisor = np.array([[1.0], [2.0]]), np.array([1.0])
    flat = Sigmoid(slope_and_offset=np.array([0.0, 0.0]))
    leaves = Leaves(trees=trees, table=table, divisor=divisor)
    expression = Calibrated(of=leaves, columns=(0,), curves=(flat,), classes=(1,), outputs=2)
    read = weakref.ref(trees)
    prepared = evaluator(expression, 2)
    del trees, leaves, expression
    gc.collect()
    assert read() is None
    assert prepared(DENSE).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_lines_need_no_runtime_for_trees():
    program = (
        "import sys; import perennial_serving.model.expressions; "
        "sys.exit(any(name in sys.modules for name in ('onnxruntime', 'sklearn', 'pandas')))"
    )
    path = ":".join(sys.path)
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": path}, check=True)
