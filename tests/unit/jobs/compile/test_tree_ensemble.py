import numpy as np
import onnxruntime
import pytest

from perennial.jobs.compile.nodes import Tree, constant_tree
from perennial.jobs.compile.tree_ensemble import onnx_of


def stump(*, members=None, missing_true=False, output=0):
    """-1 at most 2 in column 1, else 1."""
    return Tree(
        feature=np.array([1, 0, 0]),
        split=np.array([2.0, 0.0, 0.0]),
        true=np.array([1, -1, -1]),
        false=np.array([2, -1, -1]),
        missing_true=np.array([missing_true, False, False]),
        weight=np.array([0.0, -1.0, 1.0]),
        output=output,
        members={} if members is None else {0: np.array(members)},
    )


def sums(trees, column, outputs=1):
    session = onnxruntime.InferenceSession(onnx_of(trees, outputs, 2))
    dense = np.column_stack([np.zeros(len(column)), column])
    return session.run(["scores"], {"rows": dense})[0].T.tolist()


def test_a_number_equal_to_the_split_goes_to_the_true_side():
    beyond = np.nextafter(2.0, 3.0)
    assert sums([stump()], [1.0, 2.0, beyond]) == [[-1.0, -1.0, 1.0]]


@pytest.mark.parametrize(("missing_true", "expected"), [(True, -1.0), (False, 1.0)])
def test_a_missing_number_goes_where_the_node_says(missing_true, expected):
    assert sums([stump(missing_true=missing_true)], [np.nan]) == [[expected]]


def test_members_alone_go_to_the_true_side_of_a_set():
    tree = stump(members=[0.0, 3.0, 200.0])
    said = sums([tree], [0.0, 1.0, 3.0, 199.0, 200.0, -1.0, np.nan])
    assert said == [[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0]]


def test_each_tree_adds_to_its_own_output():
    trees = [stump(), constant_tree(0.5, 1), stump(output=1)]
    assert sums(trees, [0.0, 5.0], outputs=2) == [[-1.0, 1.0], [-0.5, 1.5]]


def test_the_same_trees_are_the_same_bytes():
    trees = [stump(members=[1.0]), constant_tree(0.25, 0)]
    assert onnx_of(trees, 1, 2) == onnx_of(trees, 1, 2)
