"""Decision trees as one ONNX model: a TreeEnsemble of ai.onnx.ml 5, everything in float64."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from perennial.jobs.compile.nodes import Indices, Numbers, Tree

T = TypeVar("T", bound=np.generic)

ROWS: Final = "rows"
SCORES: Final = "scores"

_AT_MOST: Final = 0
_MEMBER: Final = 6
_SUM: Final = 1
_NO_TRANSFORM: Final = 0
# the newest that the supported releases of ONNX Runtime all read
_IR_VERSION: Final = 9
_OPSETS: Final = (("", 18), ("ai.onnx.ml", 5))


def onnx_of(trees: Sequence[Tree], outputs: int, width: int) -> bytes:
    """Return the bytes of the model, from (rows, width) to (rows, outputs)."""
    node = helper.make_node(
        "TreeEnsemble",
        [ROWS],
        [SCORES],
        domain="ai.onnx.ml",
        n_targets=outputs,
        aggregate_function=_SUM,
        post_transform=_NO_TRANSFORM,
        **_attributes(trees),
    )
    rows = helper.make_tensor_value_info(ROWS, TensorProto.DOUBLE, [None, width])
    scores = helper.make_tensor_value_info(SCORES, TensorProto.DOUBLE, [None, outputs])
    graph = helper.make_graph([node], "trees", [rows], [scores])
    opsets = [helper.make_opsetid(*opset) for opset in _OPSETS]
    model: ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _attributes(trees: Sequence[Tree]) -> dict[str, Any]:
    """Return the attributes; inner nodes and leaves are numbered separately."""
    sizes = [len(tree.feature) for tree in trees]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    shift = np.repeat(starts, sizes)
    leaf = _joined([tree.is_leaf for tree in trees])
    number = np.where(leaf, np.cumsum(leaf), np.cumsum(~leaf)) - 1
    inner = np.flatnonzero(~leaf)
    true = (_joined([tree.true for tree in trees]) + shift)[inner]
    false = (_joined([tree.false for tree in trees]) + shift)[inner]
    outputs = np.repeat([tree.output for tree in trees], sizes)
    modes, members = _modes(trees, starts, int(shift.size))
    return {
        "tree_roots": number[starts].tolist(),
        "nodes_featureids": _joined([tree.feature for tree in trees])[inner].tolist(),
        "nodes_splits": _tensor(_joined([tree.split for tree in trees])[inner]),
        "nodes_modes": _tensor(modes[inner]),
        "nodes_truenodeids": number[true].tolist(),
        "nodes_trueleafs": leaf[true].astype(int).tolist(),
        "nodes_falsenodeids": number[false].tolist(),
        "nodes_falseleafs": leaf[false].astype(int).tolist(),
        "nodes_missing_value_tracks_true": _joined([tree.missing_true for tree in trees])[inner]
        .astype(int)
        .tolist(),
        "leaf_targetids": outputs[leaf].tolist(),
        "leaf_weights": _tensor(_joined([tree.weight for tree in trees])[leaf]),
        **({"membership_values": _tensor(members)} if members.size else {}),
    }


def _modes(trees: Sequence[Tree], starts: Indices, nodes: int) -> tuple[NDArray[np.uint8], Numbers]:
    """Return the mode of each node, and the member sets in node order, separated by NaN."""
    modes = np.full(nodes, _AT_MOST, np.uint8)
    sets: list[Numbers] = []
    for start, tree in zip(starts.tolist(), trees, strict=True):
        for position in sorted(tree.members):
            modes[start + position] = _MEMBER
            sets += [tree.members[position], np.array([np.nan])]
    return modes, np.concatenate(sets) if sets else np.empty(0)


def _joined(parts: Sequence[NDArray[T]]) -> NDArray[T]:
    return np.concatenate(parts)


def _tensor(values: NDArray[np.generic]) -> TensorProto:
    return numpy_helper.from_array(values)
