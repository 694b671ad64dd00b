from dataclasses import replace

import numpy as np
import pytest

from builders.trees import grown, stump
from perennial.jobs.compile.nodes import constant_tree
from perennial.jobs.compile.splits import splits_of


def test_a_split_names_what_it_asks_and_the_leaves_that_it_rules_out():
    splits = splits_of([constant_tree(0.5, 0), stump(3, 2.0, missing_true=True)], 1)
    assert splits.nodes.tolist() == [[3.0, 2.0, 1.0, 1.0, 0.0, 1.0]]
    assert splits.leaves.tolist() == [[0.5, 0.5], [1.0, 2.0]]


def test_the_leaves_of_a_true_side_stand_first():
    tree = grown(columns=1, leaves=9, seed=4)
    splits = splits_of([tree] * 4, 1)
    first, end = splits.nodes[splits.nodes[:, 3] == 0, 4:].T
    assert (first < end).all()
    assert end.max() == 8
    assert sorted(splits.leaves[0]) == sorted(tree.weight[tree.true < 0])


def test_the_trees_of_an_output_stand_together():
    trees = [stump(0, float(at), output=at % 2) for at in range(12)]
    splits = splits_of(trees, 2)
    assert splits.trees == (6, 6)
    assert splits.nodes[:, 1].tolist() == [*range(0, 12, 2), *range(1, 12, 2)]


@pytest.mark.parametrize("leaves", [64, 65])
def test_a_tree_has_a_bit_for_each_leaf_or_none(leaves):
    trees = [grown(columns=1, leaves=leaves, seed=seed) for seed in range(4)]
    assert (splits_of(trees, 1) is None) == (leaves > 64)


def test_sets_of_categories_have_no_bounds():
    trees = [stump(0, 0.0)] * 4
    assert splits_of(trees, 1) is not None
    trees[2] = replace(trees[2], members={0: np.array([1.0])})
    assert splits_of(trees, 1) is None


def test_few_trees_over_many_columns_are_walked():
    trees = [stump(column, bound) for column in range(5) for bound in (0.0, 1.0, 2.0, 3.0)]
    assert splits_of(trees, 1) is not None
    assert splits_of(trees[1:], 1) is None


def test_more_bounds_than_memory_holds_are_walked():
    trees = [grown(1, 64, seed, bounds=np.arange(seed, 1e6, 1e3)) for seed in range(300)]
    assert splits_of(trees[:200], 1) is not None
    assert splits_of(trees, 1) is None


def test_constants_alone_and_outputs_without_trees_are_walked():
    assert splits_of([constant_tree(1.0, 0)], 1) is None
    assert splits_of([stump(0, float(bound)) for bound in range(8)], 2) is None
