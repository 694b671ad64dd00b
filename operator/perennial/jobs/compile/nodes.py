"""One decision tree, node by node."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, node by node; the first is the root, and no leaf."""

    feature: Indices
    """Column that a node looks at."""
    split: Numbers
    """A number at most this goes to the true side."""
    true: Indices
    """Child on the true side; -1 makes the node a leaf."""
    false: Indices
    """Child on the other side."""
    missing_true: Flags
    """Whether NaN goes to the true side."""
    weight: Numbers
    """What a leaf adds to the tree's output."""
    output: int
    """Which sum the tree adds to."""
    members: Mapping[int, Numbers] = field(default_factory=dict)
    """Nodes whose true side takes these very numbers, and nothing else."""

    @property
    def is_leaf(self) -> Flags:
        """Which nodes are leaves."""
        return self.true < 0


def constant_tree(weight: float, output: int) -> Tree:
    """Return a tree that adds the same to every row: a node whose sides are equal."""
    return Tree(
        feature=np.zeros(3, np.intp),
        split=np.zeros(3),
        true=np.array([1, -1, -1]),
        false=np.array([2, -1, -1]),
        missing_true=np.zeros(3, np.bool_),
        weight=np.array([0.0, weight, weight]),
        output=output,
    )
