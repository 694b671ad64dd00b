"""Decision trees without an estimator, and what a row meets that walks them."""

import math

import numpy as np

from perennial.jobs.compile.nodes import Tree

BOUNDS = (-1.0, 0.0, 0.5, 2.0)


def stump(column: int, bound: float, *, output: int = 0, missing_true: bool = False) -> Tree:
    """1 up to the bound, else 2."""
    return Tree(
        feature=np.array([column, 0, 0]),
        split=np.array([bound, 0.0, 0.0]),
        true=np.array([1, -1, -1]),
        false=np.array([2, -1, -1]),
        missing_true=np.array([missing_true, False, False]),
        weight=np.array([0.0, 1.0, 2.0]),
        output=output,
    )


def grown(columns: int, leaves: int, seed: int, output: int = 0, bounds=BOUNDS) -> Tree:
    """A tree of so many leaves, whose splits were drawn by lot."""
    random = np.random.default_rng(seed)
    true, false = [-1], [-1]
    for _ in range(leaves - 1):
        node = int(random.choice(np.flatnonzero(np.array(true) < 0)))
        true[node], false[node] = len(true), len(true) + 1
        true += [-1, -1]
        false += [-1, -1]
    nodes = len(true)
    return Tree(
        feature=random.integers(0, columns, nodes),
        split=random.choice(bounds, nodes),
        true=np.array(true),
        false=np.array(false),
        missing_true=random.random(nodes) < 0.5,
        weight=random.normal(size=nodes),
        output=output,
    )


def walked(trees: list[Tree], row: np.ndarray, outputs: int = 1) -> list[float]:
    """The sums of the leaves that a row falls into, node by node."""
    sums = [0.0] * outputs
    for tree in trees:
        node = 0
        while tree.true[node] >= 0:
            value = row[tree.feature[node]]
            passes = tree.missing_true[node] if math.isnan(value) else value <= tree.split[node]
            node = int(tree.true[node] if passes else tree.false[node])
        sums[tree.output] += float(tree.weight[node])
    return sums


def rows_around(bounds, columns: int, count: int, seed: int = 0) -> np.ndarray:
    """Rows of numbers on, beside and far from bounds, and of none."""
    edges = [edge for bound in bounds for edge in (np.nextafter(bound, -np.inf), bound)]
    values = [*edges, np.nextafter(max(bounds), np.inf), np.inf, -np.inf, np.nan]
    return np.random.default_rng(seed).choice(values, (count, columns))
