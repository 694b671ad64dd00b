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
# Parity of compiled models with their pipelines

Each line is a pipeline that was trained on {TRAINED:,} synthetic flights with numbers rounded to
halves and integers, so that thresholds coincide with values; with times and texts of many values;
and with missing values in most columns. More than {FEWEST_ROWS:,} further rows were then predicted
twice, by scikit-learn and by the serving tier: {HELD_OUT:,} held-out rows, {MIXED:,} rows that mix
these column by column, rows without each column, every category, values not seen in training,
values on both sides of thresholds, and the extremes of numbers. Of many thresholds, an even
selection is compared: at most {_MOST_OF_A_FEATURE} for each input of trees, and at most
{_MOST_NEAR:,} rows in total. A row that scikit-learn rejects must also be rejected by the tier.
In the tier *Pipeline*, scikit-learn itself serves, and nothing is compared.

*All others together* is one pipeline of all transformers above that have no line of their own for
this problem. Numeric transformers have two columns there.

The difference of two numbers a and b is |a - b| / max(1, |b|). The largest difference is rounded
up to a power of ten; the limit is 1e-9. In the tiers *Compiled* and *Encoded* all labels are
equal: a different label leads to the next tier. Every training repeats this comparison with its
own pipeline and its own rows, and records the result in `spec.artifact` of the ModelVersion.

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
