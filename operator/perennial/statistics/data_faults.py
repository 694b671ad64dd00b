"""Broken data, not drift: what one block of time shows against the blocks before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from perennial.statistics.verdict import FloatArray

BLOCKS_BEFORE: Final = 14
LEAST_BEFORE: Final = 3  # blocks, before a change of the mean says anything
MORE: Final = 0.05  # share of rows above the largest seen
MORE_OUTSIDE: Final = 0.30
OUT_OF_CONTRACT: Final = 0.001
ONE_VALUE, NEVER_ONE_VALUE = 0.99, 0.9
REPEATED: Final = 0.05
WRONG_CLOCK: Final = 0.05

UNITS: Final = (
    ("Fahrenheit to Celsius", 1 / 1.8, -32 / 1.8),
    ("Celsius to Fahrenheit", 1.8, 32.0),
    ("miles to kilometres", 1.609344, 0.0),
    ("kilometres to miles", 1 / 1.609344, 0.0),
    ("times 1000", 1000.0, 0.0),
    ("divided by 1000", 0.001, 0.0),
    ("times 100", 100.0, 0.0),
    ("divided by 100", 0.01, 0.0),
    ("times 60", 60.0, 0.0),
    ("divided by 60", 1 / 60, 0.0),
    ("pounds to kilograms", 0.45359237, 0.0),
    ("kilograms to pounds", 1 / 0.45359237, 0.0),
    ("metres to feet", 1 / 0.3048, 0.0),
    ("feet to metres", 0.3048, 0.0),
)
"""Mistakes of units: name, factor, and what is added afterwards."""


class Fault(StrEnum):
    """What is broken."""

    MISSING = "Missing"
    UNSEEN = "Unseen"
    OUT_OF_CONTRACT = "OutOfContract"
    OUT_OF_RANGE = "OutOfRange"
    CONSTANT = "Constant"
    UNIT = "Unit"
    REPEATED = "Repeated"
    CLOCK = "Clock"


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: the share of rows, or the new mean of a unit, and what it is compared with."""

    fault: Fault
    value: float
    usual: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class InputBlocks:
    """One input in consecutive blocks; each array (blocks,).

    `missing`, `unseen`, `out_of_contract` and `outside` (the range of training) are shares of the
    rows, `top` the share of the fullest bin among values that are not missing; `mean` and
    `spread` are NaN for a Category, and where all values are missing.
    """

    missing: FloatArray
    unseen: FloatArray
    out_of_contract: FloatArray
    outside: FloatArray
    top: FloatArray
    mean: FloatArray
    spread: FloatArray

    def at(self, which: slice) -> "InputBlocks":
        """Return some of the blocks."""
        return InputBlocks(*(getattr(self, name)[which] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Usual:
    """The largest shares of one input in the blocks of the reference."""

    missing: float = 0.0
    unseen: float = 0.0
    outside: float = 0.0
    top: float = 0.0


def of_input(usual: Usual, blocks: InputBlocks) -> list[Found]:
    """Return the faults of the last block, given the reference and up to 14 blocks before it."""
    before, now = blocks.at(slice(-1 - BLOCKS_BEFORE, -1)), blocks.at(slice(-1, None))
    found = []
    for fault, name, more in (
        (Fault.MISSING, "missing", MORE),
        (Fault.UNSEEN, "unseen", MORE),
        (Fault.OUT_OF_RANGE, "outside", MORE_OUTSIDE),
    ):
        share = float(getattr(now, name)[0])
        largest = _largest(getattr(usual, name), getattr(before, name))
        if share > largest + more:
            found.append(Found(fault, share, largest))
    outside = float(now.out_of_contract[0])
    if outside > OUT_OF_CONTRACT:
        found.append(Found(Fault.OUT_OF_CONTRACT, outside, 0.0))
    top, largest = float(now.top[0]), _largest(usual.top, before.top)
    if top > ONE_VALUE and largest < NEVER_ONE_VALUE:
        found.append(Found(Fault.CONSTANT, top, largest))
    return found + _unit(before, float(now.mean[0]), float(now.spread[0]))


def _largest(usual: float, before: FloatArray) -> float:
    return max(usual, float(before.max(initial=0.0)))


def _unit(before: InputBlocks, mean: float, spread: float) -> list[Found]:
    """Return the mistake of units that explains a jump of the mean best, if one does.

    The mean must have jumped, and with the mistake undone mean and spread must be usual.
    """
    is_known = ~np.isnan(before.mean) & ~np.isnan(before.spread)
    means, spreads = before.mean[is_known], before.spread[is_known]
    if len(means) < LEAST_BEFORE or np.isnan(mean):
        return []
    usual, deviation, wander = means.mean(), spreads.mean(), means.std(ddof=1) + 1e-9
    if abs(mean - usual) <= 4 * wander + deviation / 4:
        return []
    explained = []
    for name, factor, shift in UNITS:
        undone = abs((mean - shift) / factor - usual)
        ratio = spread / factor / max(deviation, 1e-9)
        if undone < 2 * wander + deviation / 10 and 0.5 < ratio < 2:  # noqa: PLR2004
            explained.append((undone / (wander + deviation), name))
    return [Found(Fault.UNIT, mean, float(usual), name) for _, name in sorted(explained)[:1]]


def of_rows(
    repeated: Sequence[float], wrong_clock: Sequence[float], repeated_in_training: float
) -> list[Found]:
    """Return the faults of the last block that concern whole rows, given shares by block.

    `repeated` are rows that equal an earlier one, `wrong_clock` rows whose time lies in the
    future, or farther back than any usual delay; empty where callers send no time.
    """
    found = []
    for fault, shares, usual, more in (
        (Fault.REPEATED, repeated, repeated_in_training, REPEATED),
        (Fault.CLOCK, wrong_clock, 0.0, WRONG_CLOCK),
    ):
        if not len(shares):
            continue
        largest = max([usual, *shares[-1 - BLOCKS_BEFORE : -1]])
        if shares[-1] > largest + more:
            found.append(Found(fault, float(shares[-1]), float(largest)))
    return found
