"""Trees split by split (QuickScorer): the leaves that each split excludes."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from perennial.artifacts.compiled import Splits
from perennial.jobs.compile.nodes import Indices, Numbers, Tree
from perennial_serving.model.quick_scorer import TREES_PER_COLUMN

_MOST_LEAVES: Final = 64
"""Most leaves of a tree: one bit each in a 64-bit word."""
_MOST_WORDS: Final = 4 << 20
"""A server holds one mask per tree and bound."""


def splits_of(trees: Sequence[Tree], outputs: int) -> Splits | None:
    """Return the splits of all trees; None if walking the trees is faster."""
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
    """Return the number of leaves before each node, and the leaves, true branches first."""
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
    """Return the splits of one tree, without those between equal leaves."""
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
    """Whether evaluation split by split is faster for many rows, in little memory."""
    bounds = np.unique(nodes[:, :2], axis=0)
    _, counts = np.unique(bounds[:, 0], return_counts=True)
    several = int(np.count_nonzero(counts > 1))
    return 0 < len(bounds) * trees <= _MOST_WORDS and several * TREES_PER_COLUMN <= trees
