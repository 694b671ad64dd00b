"""Rows whose inputs no longer belong together, while each input looks as it always did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.drift.days import CATEGORIES, NUMBERS, Blocks, Watched, watched, year
from perennial.statistics.components import Components, Kind, padded
from perennial.statistics.directions import Directions
from perennial.statistics.table import TableNull

OURS, INPUTS_ALONE, ERROR = "Perennial", "inputs alone", "PCA, mean reconstruction error"
REFERENCE_ROWS, ROWS, LEVEL = 60_000, 2000, 0.01
NAMES = (*NUMBERS, *CATEGORIES)
WEATHER = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "pressure", "visib")
BREAKS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "dew point shuffled in 25 %": (("dewp",), 0.25),
    "weather shuffled in 50 %": (WEATHER, 0.5),
    "distance shuffled in 25 %": (("distance",), 0.25),
    "all shuffled in 15 %": (NAMES, 0.15),
}


@dataclass
class Correlation:
    """Share of windows found by test and break, each test tuned to 1 % false alarms."""

    found: dict[str, dict[str, float]]

    def mean(self, test: str) -> float:
        return float(np.mean(list(self.found[test].values())))


def correlation(quiet: int, tried: int) -> Correlation:
    random = np.random.default_rng(5)
    bins, inputs, reference, pool = _bins(random)
    kinds, widths = [each.kind for each in inputs], [each.width for each in inputs]
    totals = [
        np.bincount(each[reference], minlength=width) * 1.0
        for each, width in zip(bins, widths, strict=True)
    ]
    directions = Directions.of(kinds, totals, bins[:, reference])
    tests = {
        OURS: _of_counts([Kind.ANSWER] * len(directions.edges), lambda r: [*directions.counts(r)]),
        INPUTS_ALONE: _of_counts(kinds, lambda rows: _counted(rows, widths)),
    }
    evidence: dict[str, Callable[[np.ndarray], float]] = {
        name: test(bins[:, reference]) for name, test in tests.items()
    }
    evidence[ERROR] = _reconstruction(directions, bins[:, reference])

    def windows(number: int, break_: str | None = None) -> dict[str, np.ndarray]:
        found: dict[str, list[float]] = {name: [] for name in evidence}
        for _ in range(number):
            rows = bins[:, random.choice(pool, ROWS)]
            if break_:
                rows = _broken(rows, *BREAKS[break_], random)
            for name, test in evidence.items():
                found[name].append(test(rows))
        return {name: np.array(values) for name, values in found.items()}

    limits = {name: np.quantile(v, 1 - LEVEL) for name, v in windows(quiet).items()}
    by_break = {name: windows(tried, name) for name in BREAKS}
    return Correlation(
        {
            test: {name: float((v[test] > limits[test]).mean()) for name, v in by_break.items()}
            for test in evidence
        }
    )


def _bins(
    random: np.random.Generator,
) -> tuple[np.ndarray, list[Watched], np.ndarray, np.ndarray]:
    order = random.permutation(len(year()))
    reference, pool = order[:REFERENCE_ROWS], order[REFERENCE_ROWS:]
    inside = np.zeros(len(order), dtype=bool)
    inside[reference] = True
    nothing = np.zeros(1, dtype=int)
    blocks = Blocks(np.zeros(len(order), dtype=int), 1, nothing, nothing, inside)
    inputs = watched(blocks)
    bins = np.stack([each.bins_of(each.values) for each in inputs])
    return bins, inputs, reference, pool


def _of_counts(
    kinds: list[Kind], counts: Callable[[np.ndarray], list[np.ndarray]]
) -> Callable[[np.ndarray], Callable[[np.ndarray], float]]:
    def learned(reference: np.ndarray) -> Callable[[np.ndarray], float]:
        total = counts(reference)
        null = TableNull.independent(Components.of(kinds, total, ROWS), ROWS)

        def evidence(rows: np.ndarray) -> float:
            found = null.judged(padded(total), padded(counts(rows))[:, None, None])
            return float(-np.log(found.table[0]))

        return evidence

    return learned


def _counted(rows: np.ndarray, widths: list[int]) -> list[np.ndarray]:
    return [np.bincount(each, minlength=w) * 1.0 for each, w in zip(rows, widths, strict=True)]


def _reconstruction(directions: Directions, reference: np.ndarray) -> Callable[[np.ndarray], float]:
    """Return the change of the mean length along the same directions, as NannyML has it."""

    def length(rows: np.ndarray) -> float:
        return float(np.sqrt((directions.along(rows) ** 2).sum(axis=0)).mean())

    usual = length(reference)
    return lambda rows: abs(length(rows) - usual)


def _broken(
    rows: np.ndarray, names: tuple[str, ...], share: float, random: np.random.Generator
) -> np.ndarray:
    hit = np.flatnonzero(random.random(rows.shape[1]) < share)
    found = rows.copy()
    together = names is not NAMES
    order = random.permutation(hit)
    for name in names:
        at = NAMES.index(name)
        found[at, hit] = rows[at, order if together else random.permutation(hit)]
    return found
