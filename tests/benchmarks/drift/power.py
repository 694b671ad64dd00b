"""How often a drift of one input is found, each test tuned to 1 % false alarms.

Values are those of flights, rows independent. Windows are drawn as counts in fine bins, from
which the bins of all tests follow. The strength of a drift falls with the square root of the rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from benchmarks.drift import peers
from benchmarks.drift.days import CATEGORIES, quantile_of_normal, share_of_normal, year
from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial.jobs.training.profile import category_profile, number_profile
from perennial.statistics.components import Components, Kind
from perennial.statistics.table import TableNull

NUMBERS = (
    *("departure_minute", "arrival_minute", "distance", "temp", "humid", "wind_speed"),
    *("pressure", "plane_year"),
)
ROWS = (100, 1000, 10_000)
REFERENCE_ROWS = 50_000
FINE, FEW = 512, 10
LEVEL = 0.01
OURS = "Perennial"
Shares = np.ndarray
Drift = Callable[[Shares, float], Shares]


@dataclass(frozen=True)
class Column:
    """One input: shares of the population and counts of the reference in fine bins.

    The last fine bin is `missing`; `own` and `few` give the bin of each fine bin.
    """

    kind: Kind
    shares: Shares
    reference: np.ndarray
    own: np.ndarray
    few: np.ndarray
    places: np.ndarray

    def added(self, counts: np.ndarray, bins: np.ndarray) -> np.ndarray:
        found = np.zeros((*counts.shape[:-1], int(bins.max()) + 1))
        for fine, coarse in enumerate(bins):
            found[..., coarse] += counts[..., fine]
        return found

    @cached_property
    def drifts(self) -> Mapping[str, Drift]:
        return _OF_NUMBER if self.kind is Kind.NUMBER else _OF_CATEGORY


def number(name: str, random: np.random.Generator) -> Column:
    values = year()[name].to_numpy(dtype=float)
    sample = random.choice(values, REFERENCE_ROWS)
    profile = number_profile(name, pd.Series(sample))
    fine = np.nanquantile(values, np.arange(1, FINE) / FINE, method="inverted_cdf")
    few = np.unique(np.nanquantile(sample, np.arange(1, FEW) / FEW, method="inverted_cdf"))
    edges = np.unique([*fine, *profile.edges, *few])

    def counted(x: np.ndarray) -> np.ndarray:
        bins = np.searchsorted(edges, x)
        bins[np.isnan(x)] = len(edges) + 1
        return np.bincount(bins, minlength=len(edges) + 2).astype(float)

    upper = np.array([*edges, np.inf, np.nan])
    few_bins = np.searchsorted(few, upper)
    few_bins[-1] = len(few) + 1
    population = counted(values)
    places = np.array([*edges, edges[-1]])
    return Column(
        Kind.NUMBER,
        population / population.sum(),
        counted(sample),
        profile.bins_of(upper),
        few_bins,
        (places - places[0]) / np.nanstd(sample),
    )


def category(name: str, random: np.random.Generator) -> Column:
    values = year()[name].to_numpy(dtype=object)
    sample = random.choice(values, REFERENCE_ROWS)
    profile = category_profile(
        Input(name=name, type=ColumnType.CATEGORY, nullable=True), pd.Series(sample)
    )
    texts = pd.Series(values).value_counts().index.tolist()
    seen, kept = set(sample), {value: at for at, value in enumerate(profile.kept)}
    other = len(kept)
    own = [kept.get(text, other if text in seen else other + 1) for text in texts]

    def counted(x: np.ndarray) -> np.ndarray:
        found = pd.Series(x).value_counts().reindex(texts).fillna(0).to_numpy()
        return np.array([*found, 0.0, float(pd.isna(x).sum())])

    population = counted(values)
    bins = np.arange(len(population))
    own_bins = np.array([*own, other + 1, other + 2])
    return Column(
        Kind.CATEGORY, population / population.sum(), counted(sample), own_bins, bins, bins
    )


def _of_cdf(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Shares], Shares]:
    def changed(shares: Shares) -> Shares:
        known = shares[:-1].sum()
        cdf = np.cumsum(shares[:-1]) / known
        moved = share_of_normal(change(quantile_of_normal(cdf[:-1])))
        return np.array([*np.diff([0.0, *moved, 1.0]) * known, shares[-1]])

    return changed


def _tail(shares: Shares, strength: float) -> Shares:
    """Move a share of the rows into the upper two percent."""
    is_high = np.append(np.cumsum(shares[:-1]) > 0.98 * shares[:-1].sum(), False)
    high = shares * is_high
    return shares * (1 - strength) + strength * high / high.sum()


def _into(shares: Shares, at: int, strength: float) -> Shares:
    moved = shares * (1 - strength)
    moved[at] += strength
    return moved


def _median(shares: Shares, strength: float) -> Shares:
    middle = int(np.searchsorted(np.cumsum(shares[:-1]), shares[:-1].sum() / 2))
    return _into(shares, middle, strength)


def _exchanged(shares: Shares, strength: float) -> Shares:
    """Replace rows by a random one of the values."""
    some = (shares > 0) & (np.arange(len(shares)) < len(shares) - 2)
    return shares * (1 - strength) + strength * some / some.sum()


def _lost(shares: Shares, strength: float) -> Shares:
    """Turn rows of the most frequent value into the second one."""
    moved = min(strength, shares[0])
    found = shares.copy()
    found[:2] += [-moved, moved]
    return found


_OF_NUMBER: Mapping[str, Drift] = {
    "location": lambda p, s: _of_cdf(lambda z: z - 3.1 * s)(p),
    "scale": lambda p, s: _of_cdf(lambda z: z / (1 + 3 * s))(p),
    "upper tail": lambda p, s: _tail(p, 1.5 * s),
    "median instead": lambda p, s: _median(p, 2.8 * s),
    "missing": lambda p, s: _into(p, -1, 0.6 * s),
}
_OF_CATEGORY: Mapping[str, Drift] = {
    "exchanged": lambda p, s: _exchanged(p, 2.8 * s),
    "new value": lambda p, s: _into(p, -2, 0.5 * s),
    "most frequent lost": lambda p, s: _lost(p, 1.8 * s),
}


def _wasserstein(column: Column, windows: np.ndarray) -> np.ndarray:
    reference = column.reference[:-1]
    shares = windows[:, :-1] / np.maximum(windows[:, :-1].sum(axis=-1, keepdims=True), 1)
    apart = np.abs(np.cumsum(shares - reference / reference.sum(), axis=-1))
    return (apart[:, :-1] * np.diff(column.places)).sum(axis=-1)


def _evidence(column: Column, rows: int, windows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the statistic of every test, large under drift, of windows (windows, fine bins)."""
    own, few = column.added(windows, column.own), column.added(windows, column.few)
    reference = column.added(column.reference, column.own)
    coarse = column.added(column.reference, column.few)
    components = Components.of([column.kind], [reference], rows)
    null = TableNull.independent(components, rows)
    p = null.judged(reference[None], own[None, :, None]).inputs[0]
    found = {OURS: -np.log(np.maximum(p, 1e-300))}
    if column.kind is Kind.NUMBER:
        found["KS, all rows"] = peers.ks(column.reference[:-1], windows[:, :-1])
        found["Wasserstein, all rows"] = _wasserstein(column, windows)
        found["chi-square, 10 bins"] = peers.chi_square(coarse, few)[0]
    else:
        found["chi-square, all values"] = peers.chi_square(column.reference, windows)[0]
    found["PSI, 10 bins" if column.kind is Kind.NUMBER else "PSI"] = peers.psi(coarse, few)
    found["Jensen-Shannon"] = peers.jensen_shannon(reference, own)
    return found


@dataclass
class Power:
    """Shares of windows found, by kind of input, test and drift; means over inputs and rows.

    `level` is the share of windows without drift whose p-value is at most 1 %, by rows.
    """

    found: dict[tuple[Kind, str, str], list[float]] = field(default_factory=dict)
    level: dict[int, list[float]] = field(default_factory=dict)

    def at(self, kind: Kind, test: str, drift: str) -> float:
        return float(np.mean(self.found[kind, test, drift]))

    def mean(self, kind: Kind, test: str) -> float:
        return float(np.mean([self.at(kind, test, drift) for drift in self.drifts(kind)]))

    def tests(self, kind: Kind) -> list[str]:
        return list(dict.fromkeys(t for k, t, _ in self.found if k is kind))

    def drifts(self, kind: Kind) -> list[str]:
        return list(dict.fromkeys(d for k, _, d in self.found if k is kind))


def power(quiet: int, tried: int) -> Power:
    """Return what all tests find, of `quiet` windows without and `tried` windows with a drift."""
    random, measured = np.random.default_rng(11), Power()
    columns = [number(name, random) for name in NUMBERS]
    columns += [category(name, random) for name in CATEGORIES]
    for column in columns:
        for rows in ROWS:
            _add(measured, column, rows, (quiet, tried), random)
    return measured


def _add(
    measured: Power,
    column: Column,
    rows: int,
    sizes: tuple[int, int],
    random: np.random.Generator,
) -> None:
    quiet, tried = sizes
    none = _evidence(column, rows, _drawn(random, rows, column.shares, quiet))
    limits = {name: np.quantile(values, 1 - LEVEL) for name, values in none.items()}
    level = float((none[OURS] >= -np.log(LEVEL)).mean())
    measured.level.setdefault(rows, []).append(level)
    for drift, change in column.drifts.items():
        shares = change(column.shares, rows**-0.5)
        for name, values in _evidence(column, rows, _drawn(random, rows, shares, tried)).items():
            share = float((values > limits[name]).mean())
            measured.found.setdefault((column.kind, name, drift), []).append(share)


def _drawn(random: np.random.Generator, rows: int, shares: Shares, windows: int) -> np.ndarray:
    positive = np.maximum(shares, 0.0)
    return random.multinomial(rows, positive / positive.sum(), windows).astype(float)
