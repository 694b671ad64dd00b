"""Evaluates trees in the calling thread: with ONNX Runtime, or with QuickScorer for many rows."""

import os
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Trees
from perennial_serving.model.accepted_values import Dense, refuse_others
from perennial_serving.model.quick_scorer import QuickScorer

# read at import; otherwise the runtime starts a thread that sends telemetry
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

_ROWS = "rows"
_SCORES = "scores"

_MANY_ROWS: Final = 100
"""From this size on QuickScorer is faster, in spite of its fixed cost."""


class TreeSession:
    """The sums of trees for dense rows."""

    def __init__(self, trees: Trees, width: int) -> None:
        self._session = onnxruntime.InferenceSession(
            trees.onnx, _options(), providers=["CPUExecutionProvider"]
        )
        self._single = trees.single
        self._taken = trees.taken
        self._whole = list(trees.whole)
        self._quick_scorer = QuickScorer(trees.splits) if trees.splits else None
        self._shapes = (1, width), (1, trees.outputs)
        self._own = threading.local()

    def __call__(self, dense: Dense) -> NDArray[np.float64]:
        """Return (rows, outputs); raise FeatureRefusedError for the first rejected row."""
        if self._single:
            dense = self._rounded(dense)
        else:
            refuse_others(dense, self._taken)
        if len(dense) == 1:
            return self._one_row(dense)
        if self._quick_scorer is not None and len(dense) >= _MANY_ROWS:
            sums = self._quick_scorer(dense)
            if sums is not None:
                return sums
        return self._rows(dense)

    def _rounded(self, dense: Dense) -> Dense:
        single = dense.astype(np.float32)
        refuse_others(single, self._taken)
        return single.astype(np.float64)

    def _rows(self, dense: Dense) -> NDArray[np.float64]:
        if self._whole:
            dense = self._without_fractions(dense)
        sums: NDArray[np.float64] = self._session.run([_SCORES], {_ROWS: dense})[0]
        return sums

    def _without_fractions(self, dense: Dense) -> Dense:
        categories = dense[:, self._whole]
        dense = dense.copy()
        dense[:, self._whole] = np.where(categories == np.floor(categories), categories, np.nan)
        return dense

    def _one_row(self, dense: Dense) -> NDArray[np.float64]:
        """Use arrays bound once per thread, which takes half the time of a normal call."""
        try:
            bound = self._own.bound
        except AttributeError:
            bound = self._own.bound = _Bound(self._session, *self._shapes)
        bound.rows[...] = dense
        # the runtime would truncate a fraction to a valid category
        for column in self._whole:
            if dense.item(column) % 1.0:
                bound.rows[0, column] = np.nan
        self._session.run_with_iobinding(bound.binding)
        sums: NDArray[np.float64] = bound.scores.copy()
        return sums


class _Bound:
    """Input and output arrays that the runtime uses in place."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        rows: tuple[int, int],
        scores: tuple[int, int],
    ) -> None:
        self.rows, self.scores = np.zeros(rows), np.zeros(scores)
        self.binding = session.io_binding()
        place = ("cpu", 0, np.float64)
        self.binding.bind_input(_ROWS, *place, rows, self.rows.ctypes.data)
        self.binding.bind_output(_SCORES, *place, scores, self.scores.ctypes.data)


def _options() -> onnxruntime.SessionOptions:
    """Return options for one thread, because the server scales by processes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options
