"""Trees split by split: which leaves each split rules out, for rows that come in numbers."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from perennial.artifacts.compiled import Splits
from perennial.jobs.compile.nodes import Indices, Numbers, Tree
from perennial_serving.model.quick_scorer import TREES_PER_COLUMN

_MOST_LEAVES: Final = 64
"""Bits of the largest word that tells which leaves of a tree remain."""
_MOST_WORDS: Final = 4 << 20
"""A server holds a word for each tree and each bound."""


def splits_of(trees: Sequence[Tree], outputs: int) -> Splits | None:
    """Return the splits of all trees, or None where walking the trees is better."""
    by_output = [[tree for tree in trees if tree.output == output] for output in range(outputs)]
    ordered = [tree for those in by_output for tree in those]
    sizes = [np.count_nonzero(tree.is_leaf) for tree in ordered]
    if max(sizes) > _MOST_LEAVES or any(tree.members for tree in ordered) or not all(by_output):
        return None
    leaves = np.zeros((len(ordered), max(sizes)))
    nodes: list[Numbers] = []
    for place, (tree, size) in enumerate(zip(ordered, sizes, strict=True)):
        before, in_order = _leaves_before(tree)
        leaves[place, :size] = tree.weight[in_order]
        nodes.append(_nodes(tree, before, place))
    together = np.concatenate(nodes)
    if not _pay(together, len(ordered)):
        return None
    return Splits(nodes=together, leaves=leaves, trees=tuple(map(len, by_output)))


def _leaves_before(tree: Tree) -> tuple[Indices, list[int]]:
    """Return how many leaves stand before each node, and the leaves in order: true sides first."""
    before, is_leaf = np.zeros(len(tree.true), np.intp), tree.is_leaf
    leaves: list[int] = []
    ahead = [0]
    while ahead:
        node = ahead.pop()
        before[node] = len(leaves)
        if is_leaf[node]:
            leaves.append(node)
        else:
            ahead += [int(tree.false[node]), int(tree.true[node])]
    return before, leaves


def _nodes(tree: Tree, before: Indices, place: int) -> Numbers:
    """Return the lines of one tree; a split between equal leaves decides nothing."""
    inner = np.flatnonzero(~tree.is_leaf)
    true, false = tree.true[inner], tree.false[inner]
    ends = tree.is_leaf[true] & tree.is_leaf[false]
    inner = inner[~(ends & (tree.weight[true] == tree.weight[false]))]
    return np.column_stack(
        [
            *(tree.feature[inner], tree.split[inner], tree.missing_true[inner]),
            *(np.full(len(inner), place), before[inner], before[tree.false[inner]]),
        ]
    ).astype(np.float64)


def _pay(nodes: Numbers, trees: int) -> bool:
    """Whether many rows are answered faster split by split, in little memory."""
    bounds = np.unique(nodes[:, :2], axis=0)
    _, counts = np.unique(bounds[:, 0], return_counts=True)
    several = int(np.count_nonzero(counts > 1))
    return 0 < len(bounds) * trees <= _MOST_WORDS and several * TREES_PER_COLUMN <= trees
