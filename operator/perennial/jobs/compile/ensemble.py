"""Ensembles of trees in both forms that servers evaluate: row by row, and split by split."""

from collections.abc import Sequence

from perennial.artifacts.compiled import Taken, Trees
from perennial.jobs.compile.nodes import Tree
from perennial.jobs.compile.splits import splits_of
from perennial.jobs.compile.tree_ensemble import onnx_of


def ensemble_of(
    trees: Sequence[Tree],
    outputs: int,
    width: int,
    taken: Taken,
    *,
    single: bool = True,
    whole: Sequence[int] = (),
) -> Trees:
    """Return an ensemble over dense rows of this width; each tree adds to one output."""
    return Trees(
        onnx=onnx_of(trees, outputs, width),
        splits=splits_of(trees, outputs),
        outputs=outputs,
        single=single,
        taken=taken,
        whole=tuple(whole),
    )
