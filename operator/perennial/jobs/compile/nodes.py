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
    """One tree as arrays over its nodes; the first is the root, which is no leaf."""

    feature: Indices
    """Column that a node compares."""
    split: Numbers
    """A number up to this goes to the true branch."""
    true: Indices
    """Child of the true branch; -1 makes the node a leaf."""
    false: Indices
    """Child of the false branch."""
    missing_true: Flags
    """Whether NaN goes to the true branch."""
    weight: Numbers
    """Value of a leaf, added to the tree's output."""
    output: int
    """Output to which the tree adds."""
    members: Mapping[int, Numbers] = field(default_factory=dict)
    """Nodes that compare with a set of numbers instead of a bound."""

    @property
    def is_leaf(self) -> Flags:
        """Which nodes are leaves."""
        return self.true < 0


def constant_tree(weight: float, output: int) -> Tree:
    """Return a tree with the same value for every row: a node with two equal leaves."""
    return Tree(
        feature=np.zeros(3, np.intp),
        split=np.zeros(3),
        true=np.array([1, -1, -1]),
        false=np.array([2, -1, -1]),
        missing_true=np.zeros(3, np.bool_),
        weight=np.array([0.0, weight, weight]),
        output=output,
    )
