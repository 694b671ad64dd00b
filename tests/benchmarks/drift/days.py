"""Flights of a whole year in blocks of time: days drawn at random differ, and do not drift."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import NormalDist

import numpy as np
import pandas as pd

from demo.flights import flights
from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial.jobs.training.profile import category_profile, number_profile
from perennial.statistics.components import Kind, padded
from perennial.statistics.pseudo_windows import PseudoWindows, rows_outside, rows_unseen

DAYS, REFERENCE_DAYS = 365, 180
DEFECT = 0.05  # share of the rows
NUMBERS = (
    *("departure_minute", "arrival_minute", "distance", "flight", "plane_year", "seats", "temp"),
    *("dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"),
)
CATEGORIES = ("carrier", "origin", "dest")
Changed = Iterator[tuple[str, np.ndarray]]


@cache
def year() -> pd.DataFrame:
    """Return all flights, with their day of the year."""
    rows = flights(tuple(range(1, 13)))
    local = rows["time_hour"].dt.tz_convert("America/New_York")
    rows["day"] = local.dt.dayofyear.to_numpy() - 1
    return rows.sort_values("time_hour", kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Blocks:
    """Rows in blocks: the block of each row, those of the reference, and which rows it has."""

    of_row: np.ndarray
    number: int
    reference: np.ndarray
    others: np.ndarray
    inside: np.ndarray

    @classmethod
    def days(cls, seed: int, parts: int = 1, share: float = 1.0) -> "Blocks":
        """Return 180 random days as the reference, each in equal parts, and a share of its rows."""
        random = np.random.default_rng([seed, parts])
        order = random.permutation(DAYS)
        chosen, others = np.sort(order[:REFERENCE_DAYS]), np.sort(order[REFERENCE_DAYS:])
        day, minute = (year()[name].to_numpy() for name in ("day", "departure_minute"))
        third = np.searchsorted([660, 960], minute, "right") if parts > 1 else np.zeros_like(day)
        inside = np.isin(day, chosen) & (random.random(len(day)) < share)
        spread = [(days[:, None] * parts + np.arange(parts)) for days in (chosen, others)]
        return cls(day * parts + third, DAYS * parts, spread[0].ravel(), spread[1], inside)


@dataclass(frozen=True)
class Watched:
    """One input: values of all rows, and how they are counted in the reference's bins."""

    kind: Kind
    values: np.ndarray
    blocks: Blocks
    bins_of: Callable[[np.ndarray], np.ndarray]
    width: int

    @cached_property
    def counts(self) -> np.ndarray:
        """All rows, shape (blocks, bins)."""
        return self.count(self.values)

    @cached_property
    def of_reference(self) -> np.ndarray:
        """The reference's rows, shape (its blocks, bins)."""
        bins = self.bins_of(self.values[self.blocks.inside])
        return self._counted(bins, self.blocks.of_row[self.blocks.inside])[self.blocks.reference]

    def count(self, values: np.ndarray) -> np.ndarray:
        return self._counted(self.bins_of(values), self.blocks.of_row)

    def _counted(self, bins: np.ndarray, block: np.ndarray) -> np.ndarray:
        size = self.blocks.number * self.width
        flat = np.bincount(block * self.width + bins, minlength=size)
        return flat.reshape(-1, self.width).astype(float)

    def new(self, windows: PseudoWindows) -> np.ndarray:
        """Return the rows of each drawn block whose values no other block has."""
        position = np.full(self.blocks.number, -1)
        position[self.blocks.reference] = np.arange(len(self.blocks.reference))
        inside = self.blocks.inside
        block = position[self.blocks.of_row[inside]]
        if self.kind is Kind.NUMBER:
            return rows_outside(self.values[inside], block, windows)
        return rows_unseen(pd.factorize(self.values[inside])[0], block, windows)

    def defects(self, random: np.random.Generator) -> Changed:
        """Yield defects by name, as counts of all rows by block."""
        hit = random.random(len(self.values)) < DEFECT
        if self.kind is Kind.NUMBER:
            yield from self._of_number(hit, random)
        else:
            yield from self._of_category(hit, random)

    def _of_number(self, hit: np.ndarray, random: np.random.Generator) -> Changed:
        x = self.values
        known = np.sort(x[self.blocks.inside & ~np.isnan(x)])
        yield "median instead", self.count(np.where(hit, np.median(known), x))
        yield "missing", self.count(np.where(hit, np.nan, x))
        low, high = (np.searchsorted(known, x, side) for side in ("left", "right"))
        z = quantile_of_normal(
            (low + random.random(len(x)) * (high - low) + 0.5) / (len(known) + 1)
        )
        for name, moved in (("location .25", z + 0.25), ("scale 1.25", z * 1.25)):
            at = np.minimum((share_of_normal(moved) * len(known)).astype(int), len(known) - 1)
            yield name, self.count(np.where(np.isnan(x), np.nan, known[at]))

    def _of_category(self, hit: np.ndarray, random: np.random.Generator) -> Changed:
        bins, block = self.bins_of(self.values), self.blocks.of_row
        yield "unseen", self._counted(np.where(hit, self.width - 2, bins), block)
        yield "missing", self._counted(np.where(hit, self.width - 1, bins), block)
        yield "exchanged", self._counted(np.where(hit, random.permutation(bins), bins), block)
        lost = (bins == 0) & (random.random(len(bins)) < 0.2)
        yield "most frequent lost", self._counted(np.where(lost, 1, bins), block)


@dataclass(frozen=True)
class _Codes:
    """The bin of each text."""

    bins: dict[str, int]
    unseen: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        codes, found = pd.factorize(values)
        known = [self.bins.get(value, self.unseen) for value in found]
        return np.array([*known, self.unseen + 1])[codes]


def watched(blocks: Blocks) -> list[Watched]:
    """Return all inputs, with the bins that a training on the reference gives them."""
    rows, found = year(), []
    for name in NUMBERS:
        values = rows[name].to_numpy(dtype=float)
        number = number_profile(name, pd.Series(values[blocks.inside]))
        found.append(Watched(Kind.NUMBER, values, blocks, number.bins_of, len(number.bins)))
    for name in CATEGORIES:
        values = rows[name].to_numpy(dtype=object)
        column = Input(name=name, type=ColumnType.CATEGORY, nullable=True)
        inside = values[blocks.inside]
        category = category_profile(column, pd.Series(inside))
        bins = dict.fromkeys(inside, len(category.kept))
        bins |= {value: at for at, value in enumerate(category.kept)}
        codes = _Codes(bins, len(category.kept) + 1)
        found.append(Watched(Kind.CATEGORY, values, blocks, codes, len(category.bins)))
    return found


def counts(inputs: list[Watched]) -> tuple[np.ndarray, np.ndarray]:
    """Return counts (inputs, blocks, bins): of the reference's blocks, and of all rows."""
    return padded([each.of_reference for each in inputs]), padded([each.counts for each in inputs])


GRID = np.linspace(-6, 6, 4001)


@cache
def _normal() -> np.ndarray:
    return np.array([NormalDist().cdf(x) for x in GRID])


def share_of_normal(z: np.ndarray) -> np.ndarray:
    return np.interp(z, GRID, _normal())


def quantile_of_normal(share: np.ndarray) -> np.ndarray:
    return np.interp(np.clip(share, 1e-5, 1 - 1e-5), _normal(), GRID)
