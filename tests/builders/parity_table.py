"""The page of what the parity suite saw: facts that hold on every machine."""

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, Self

from builders.rounded_flights import ROWS, TRAINED
from perennial.artifacts.tier import Serving, Tier
from perennial.jobs.parity.boundaries import _MOST_OF_A_FEATURE
from perennial.jobs.parity.rows import _MOST_NEAR, FEWEST_ROWS

PARITY_PAGE = Path(__file__).resolve().parents[2] / "docs/reference/parity.md"

HELD_OUT: Final = ROWS - TRAINED
MIXED: Final = FEWEST_ROWS - HELD_OUT

HEAD = f"""\
# How exactly a compiled model repeats its pipeline

Each line is a pipeline that learned from {TRAINED:,} made-up flights: numbers rounded to halves and
integers, so that thresholds meet values that occur, times, texts with many values, and missing
values in most columns. More than {FEWEST_ROWS:,} further rows were then answered twice, by
scikit-learn and by the tier that serves: {HELD_OUT:,} rows held out, {MIXED:,} that mix these
column by column, rows without each column, every category, values that training did not see,
values on both sides of thresholds, and the ends of what a number can be. Of many thresholds some
are chosen evenly: of trees at most {_MOST_OF_A_FEATURE} for each column that they are given, and in
all what makes {_MOST_NEAR:,} rows. A row that scikit-learn refuses must be refused by the tier too.
Where the tier is *Pipeline*, scikit-learn itself serves, and nothing is compared.

*All others together* is one pipeline of the transformers above it that have no line of their own
for what it learns; those of numbers take two columns there.

The difference of two numbers a and b is |a - b| / max(1, |b|); the largest is rounded up to a power
of ten, and 1e-9 is the most that is let through. All labels are equal wherever a tier is *Compiled*
or *Encoded*: one that differs leads to the next tier. Every training repeats this comparison with
its own pipeline and its own rows; the result stands in `spec.artifact` of the ModelVersion.

| Pipeline | Learns | Tier | Largest difference | Why not faster |
|---|---|---|---|---|
"""

_LAST_PLACES: Final = 1e-15
"""What a processor that adds in another order may make of no difference at all."""


@dataclass(frozen=True)
class Line:
    """What the page tells of one pipeline."""

    name: str
    kind: str
    tier: str
    difference: str
    reason: str

    @classmethod
    def of(cls, name: str, kind: str, serving: Serving) -> Self:
        """Return what is to be told of a pipeline that is served so."""
        tier = serving.tier
        difference = "" if tier is Tier.PIPELINE else _rounded_up(serving.difference)
        return cls(name, kind, tier, difference, serving.reason or "")

    def __str__(self) -> str:
        return f"| {' | '.join(astuple(self))} |"

    def tells(self, serving: Serving) -> bool:
        """Tell whether this is what was seen; a power of ten is left to the processor."""
        most = 10 * max(float(self.difference or 0), _LAST_PLACES)
        told = (self.tier, self.reason) == (serving.tier, serving.reason or "")
        return told and serving.difference <= most


def page(lines: Iterable[Line]) -> str:
    return HEAD + "".join(f"{line}\n" for line in lines)


def published() -> list[Line]:
    """Return the lines of the page as it is."""
    rows = [line for line in PARITY_PAGE.read_text().splitlines() if line.startswith("| ")]
    return [Line(*map(str.strip, row[1:-1].split("|"))) for row in rows[1:]]


def _rounded_up(difference: float) -> str:
    return "0" if difference == 0 else f"1e{math.ceil(math.log10(difference))}"
