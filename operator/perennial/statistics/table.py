"""Whether a window differs from the reference, over all inputs, without counting on one odd day."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.combination import adjusted, cauchy, rank_among, smallest_adjusted
from perennial.statistics.components import Components
from perennial.statistics.pseudo_windows import PseudoWindows
from perennial.statistics.shift import Shift, measured
from perennial.statistics.verdict import FloatArray
from perennial.statistics.window_null import WindowNull

_CHUNK: Final = 50  # pseudo-windows at a time, for memory


@dataclass(frozen=True, slots=True)
class Findings:
    """What some windows show.

    `tests` (inputs, windows, 5) and `inputs` (inputs, windows) are p-values, `listed` the latter
    adjusted by Benjamini and Hochberg; `table` (windows,) is one p-value for all inputs.
    """

    tests: FloatArray
    inputs: FloatArray
    listed: FloatArray
    table: FloatArray


@dataclass(frozen=True, slots=True)
class TableNull:
    """The null of the whole table for windows of one length.

    `statistics` (pseudo-windows,) are sorted; without a time column there are none, and the
    p-value of the table is that of Simes.
    """

    components: Components
    window: WindowNull
    statistics: FloatArray

    @classmethod
    def fitted(
        cls, components: Components, by_block: FloatArray, windows: PseudoWindows, new: FloatArray
    ) -> "TableNull":
        """Return the null that pseudo-windows of the reference's blocks show.

        `by_block` has the shape (inputs, blocks, bins); `new` (inputs, pseudo-windows, length)
        are the rows of each drawn block whose values no other block has.
        """
        total = by_block.sum(axis=1)[:, None]
        parts = windows.counts(by_block)
        new_by_part = np.stack([windows.by_part(each) for each in new])
        whole = parts.sum(axis=2)
        blocks = windows.blocks / windows.drawn.shape[1]
        null = WindowNull.fitted(components, total - whole, whole, new_by_part.sum(axis=2), blocks)
        found = [
            _leaving_one_out(
                components, null, total - whole[:, at], parts[:, at], new=new_by_part[:, at]
            )
            for at in _chunks(whole.shape[1])
        ]
        return cls(components, null, np.sort(np.concatenate(found)))

    @classmethod
    def independent(cls, components: Components, rows: float) -> "TableNull":
        """Return the null of independent rows, for a reference without a time column."""
        return cls(components, WindowNull.independent(components, rows), np.zeros(0))

    def judged(
        self, reference: FloatArray, parts: FloatArray, least_effect: float = 0.0
    ) -> Findings:
        """Return what windows show.

        `reference` (inputs, bins) and `parts` (inputs, windows, parts, bins) are counts. Of two or
        more parts, the statistic is that of the window without the part that speaks loudest, so
        one odd day is no drift. A difference below `least_effect`, in units of the population
        stability index, is none.
        """
        counted = self.window.counted(parts)
        at, whole = reference[:, None], counted.sum(axis=2)
        tests = self.window.p(self.components, at, whole)
        inputs = _of_inputs(self.components, tests)
        if least_effect > 0:
            floor = self.window.least_effect_p(self.components, at, whole, least_effect)
            inputs = np.maximum(inputs, floor)
        found = smallest_adjusted(inputs)
        if len(self.statistics):
            left = _leaving_one_out(
                self.components, self.window, at, counted, least_effect=least_effect
            )
            found = rank_among(self.statistics, left)
        return Findings(tests, inputs, adjusted(inputs), found)


def _leaving_one_out(
    components: Components,
    null: WindowNull,
    reference: FloatArray,
    parts: FloatArray,
    *,
    new: FloatArray | None = None,
    least_effect: float = 0.0,
) -> FloatArray:
    """Return the largest p-value of the table when one part is left out, (windows,)."""
    inputs, windows, number, bins = parts.shape
    left = parts
    if number > 1:
        left = parts.sum(axis=2, keepdims=True) - parts
        new = None if new is None else new.sum(axis=2, keepdims=True) - new
    flat = left.reshape(inputs, windows * number, bins)
    against = np.repeat(reference, number, axis=1) if reference.shape[1] > 1 else reference
    flat_new = None if new is None else new.reshape(inputs, -1)
    p = _of_inputs(components, null.p(components, against, flat, flat_new))
    if least_effect > 0:
        p = np.maximum(p, null.least_effect_p(components, against, flat, least_effect))
    return np.asarray(smallest_adjusted(p).reshape(windows, number).max(axis=1))


def _of_inputs(components: Components, tests: FloatArray) -> FloatArray:
    return cauchy(tests, np.nan_to_num(components.weights)[:, None])


def _chunks(windows: int) -> list[slice]:
    return [slice(first, first + _CHUNK) for first in range(0, windows, _CHUNK)]


def effect(reference: FloatArray, window: FloatArray, scale: float = 1.0) -> Shift:
    """Return the population stability index of one input without the part that chance adds.

    Counts by bin, (bins,) or (windows, bins) for the window; `scale` is the null's scale of the
    omnibus test, by which the error grows where rows come in clusters.
    """
    rows = window.sum(axis=-1, keepdims=True)
    total = max(float(reference.sum()), 1.0)
    paced = reference * rows / total
    return measured(
        np.concatenate([window, paced, rows**2 / total], axis=-1), np.asarray(max(scale, 1.0))
    )


def weighted_shift(shifts: FloatArray, importance: FloatArray) -> FloatArray:
    """Return the mean shift of inputs, weighted by importance; (inputs, ...) to (...).

    Shifts and importances below 0 are chance, and count as 0.
    """
    weights = np.maximum(importance, 0.0)
    total = weights.sum()
    if total <= 0:
        weights, total = np.ones_like(weights), np.float64(len(weights))
    return np.asarray(np.tensordot(weights / total, np.maximum(shifts, 0.0), axes=1))
