"""Days of flights with broken data, and days with none: what is called a fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmarks.drift.days import CATEGORIES, DAYS, NUMBERS, year
from perennial.statistics.data_faults import BLOCKS_BEFORE, InputBlocks, Usual, of_input

REFERENCE = 59  # days: January and February
FIRST = REFERENCE + 21
TRIED = 60
LIMITS = {
    "departure_minute": (0, 1440),
    "arrival_minute": (0, 1440),
    "distance": (10, 6000),
    "flight": (1, 9999),
    "plane_year": (1930, 2014),
    "seats": (1, 600),
    "temp": (-30, 130),
    "dewp": (-40, 100),
    "humid": (0, 100),
    "wind_dir": (0, 360),
    "wind_speed": (0, 100),
    "precip": (0, 10),
    "pressure": (900, 1080),
    "visib": (0, 20),
}
Break = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _some(change: Callable[[np.ndarray], object], share: float) -> Break:
    def changed(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.where(random.random(len(values)) < share, change(values), values)

    return changed


def _lower(values: np.ndarray) -> np.ndarray:
    return np.array([text.lower() if isinstance(text, str) else text for text in values], object)


BREAKS: Mapping[tuple[str, str], Break] = {
    ("temp", "Celsius"): lambda x, _: (x - 32) / 1.8,
    ("distance", "kilometres"): lambda x, _: x * 1.609344,
    ("wind_speed", "times 1000"): lambda x, _: x * 1000,
    ("humid", "divided by 100"): lambda x, _: x / 100,
    ("temp", "one value"): lambda x, _: np.full_like(x, 36.0),
    ("departure_minute", "one value"): lambda x, _: np.full_like(x, 840.0),
    ("temp", "30 % missing"): _some(lambda _: np.nan, 0.3),
    ("carrier", "30 % missing"): _some(lambda _: None, 0.3),
    ("carrier", "50 % in lower case"): _some(_lower, 0.5),
    ("dest", "50 % in lower case"): _some(_lower, 0.5),
    ("distance", "30 % zero"): _some(lambda _: 0.0, 0.3),
}


@dataclass
class Faults:
    """Share of natural days with a fault, by input and of all; share of broken days found."""

    natural: dict[str, float]
    found: dict[tuple[str, str], float]


@dataclass(frozen=True)
class _Column:
    """One input, and how a block of it is summed up."""

    name: str

    @cached_property
    def by_day(self) -> list[np.ndarray]:
        values = year()[self.name].to_numpy(dtype=float if self.name in LIMITS else object)
        days = year()["day"].to_numpy()
        return [values[days == day] for day in range(DAYS)]

    @cached_property
    def learned(self) -> np.ndarray:
        return np.concatenate(self.by_day[:REFERENCE])

    @cached_property
    def edges(self) -> np.ndarray:
        return np.unique(np.nanquantile(self.learned, np.arange(1, 16) / 16))

    @cached_property
    def usual(self) -> Usual:
        blocks = self.blocks(self.by_day[:REFERENCE])
        return Usual(blocks.missing.max(), 0.0, 0.0, blocks.top.max())

    def blocks(self, days: list[np.ndarray]) -> InputBlocks:
        return InputBlocks(*np.array([self._summary(day) for day in days]).T)

    def _summary(self, values: np.ndarray) -> list[float]:
        is_missing = pd.isna(values)
        known, missing = values[~is_missing], float(is_missing.mean())
        if not len(known):
            return [missing, 0, 0, 0, 0, np.nan, np.nan]
        if self.name not in LIMITS:
            rows = pd.Series(known).value_counts()
            unseen = rows[~rows.index.isin(set(self.learned))].sum()
            return [missing, unseen / len(values), 0, 0, rows.max() / len(known), np.nan, np.nan]
        low, high = LIMITS[self.name]
        lowest, highest = np.nanmin(self.learned), np.nanmax(self.learned)
        top = np.bincount(np.searchsorted(self.edges, known)).max() / len(known)
        out = ((known < low) | (known > high)).sum() / len(values)
        outside = ((known < lowest) | (known > highest)).sum() / len(values)
        return [missing, 0, out, outside, top, known.mean(), known.std()]


def faults() -> Faults:
    """Return what natural days from March on, and days broken in one input, are called."""
    random, natural, found = np.random.default_rng(0), {}, {}
    columns = {name: _Column(name) for name in (*NUMBERS, *CATEGORIES)}
    blocks = {name: column.blocks(column.by_day) for name, column in columns.items()}
    called = np.zeros((len(columns), DAYS), dtype=bool)
    for at, (name, column) in enumerate(columns.items()):
        for day in range(REFERENCE, DAYS):
            called[at, day] = bool(of_input(column.usual, blocks[name].at(slice(0, day + 1))))
        natural[name] = float(called[at, REFERENCE:].mean())
    tried = random.choice(np.arange(FIRST, DAYS), TRIED, replace=False)
    for (name, how), change in BREAKS.items():
        column, hits = columns[name], []
        for day in tried:
            last = column.by_day[day - BLOCKS_BEFORE : day]
            broken = column.blocks([*last, change(column.by_day[day], random)])
            hits.append(bool(of_input(column.usual, broken)))
        found[name, how] = float(np.mean(hits))
    every = float(called[:, REFERENCE:].any(axis=0).mean())
    return Faults({"any input": every, **{k: v for k, v in natural.items() if v}}, found)
