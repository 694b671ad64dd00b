"""The page of what the parity suite saw: facts that hold on every machine."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from perennial.artifacts.tier import Serving, Tier

PARITY_PAGE = Path(__file__).resolve().parents[2] / "docs/reference/parity.md"

HEAD = """\
# How exactly a compiled model repeats its pipeline

Each line is a pipeline that learned from 10,000 made-up flights: numbers rounded to halves and
integers, so that thresholds meet values that occur, times, texts with many values, and missing
values in most columns. More than 10,000 further rows were then answered twice, by scikit-learn and
by the tier that serves: rows held out, rows without each column, values that training did not see,
values on both sides of every threshold, and the ends of what a number can be. A row that
scikit-learn refuses must be refused by the tier as well.

The difference of two numbers a and b is |a - b| / max(1, |b|); the largest is rounded up to a power
of ten, and 1e-9 is the most that is let through. All labels are equal wherever a tier is *Compiled*
or *Encoded*: one that differs leads to the next tier. Every training repeats this comparison with
its own pipeline and its own rows; the result stands in `spec.artifact` of the ModelVersion.

| Pipeline | Learns | Tier | Largest difference | Why not faster |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Seen:
    name: str
    kind: str
    serving: Serving


def page(lines: Iterable[Seen]) -> str:
    return HEAD + "".join(f"{start_of(one)} {_facts(one.serving)}\n" for one in lines)


def start_of(one: Seen) -> str:
    """Return the part of a line that is known before anything is compared."""
    return f"| {one.name} | {one.kind} | {one.serving.tier} |"


def _facts(serving: Serving) -> str:
    reason = serving.reason or ""
    difference = "" if serving.tier is Tier.PIPELINE else _rounded_up(serving.difference)
    return f"{difference} | {reason} |"


def _rounded_up(difference: float) -> str:
    return "0" if difference == 0 else f"1e{math.ceil(math.log10(difference))}"
