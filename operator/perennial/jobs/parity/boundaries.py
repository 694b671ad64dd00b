"""Where a fitted pipeline changes its mind: inputs on either side of every threshold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from perennial.jobs.parity.thresholds import Thresholds

S = TypeVar("S")
T = TypeVar("T")

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Encode = Callable[[Floats], Floats]
"""From numbers of rows, whose texts are one row's, to what the estimator is given."""

_MOST_OF_A_FEATURE: Final = 96
_GRID: Final = 65
_HALVINGS: Final = 70
_ROWS_AT_ONCE: Final = 500
_GRIDS_AT_ONCE: Final = _ROWS_AT_ONCE // _GRID


@dataclass(frozen=True, slots=True)
class _Searches:
    """Thresholds to be met by changing one input, each somewhere between two of its values."""

    features: Places
    values: Floats
    low: Floats
    high: Floats

    def take(self, positions: Places) -> Self:
        """Return some of them."""
        return type(self)(*(part[positions] for part in _parts(self)))


@dataclass(frozen=True, slots=True)
class _Input:
    """What to look for by changing one input."""

    place: int
    changed: frozenset[int]
    """All features that it changes, sought or not."""
    searches: _Searches


@dataclass(frozen=True, slots=True)
class _Together:
    """Searches of several inputs, each in a row and a column of its own."""

    rows: Places
    inputs: Places
    searches: _Searches


def boundaries(
    encode: Encode, base: Floats, numbers: Floats, thresholds: Thresholds, most: int
) -> list[Floats | None]:
    """Return, for each input, its values next to where a feature crosses a threshold.

    The other inputs stay as in the base row. The thresholds are those of trees, and the steps of
    features that change on the way through the input's own values: so many of them in all, chosen
    evenly. None where the encoder refuses what lies between those values.
    """
    grids = {place: grid for place, column in enumerate(numbers.T) if len(grid := _grid(column))}

    def looked(places: Sequence[int]) -> list[_Input]:
        return _looked(encode, base, {place: grids[place] for place in places}, thresholds, most)

    def met(inputs: Sequence[_Input]) -> list[tuple[int, Floats]]:
        return _met(encode, base, inputs, with_trees=len(thresholds.values) > 0)

    places, inputs = list(grids), list[_Input]()
    for start in range(0, len(places), _GRIDS_AT_ONCE):
        inputs += _where_taken(looked, places[start : start + _GRIDS_AT_ONCE])
    found: dict[int, Floats] = dict(_where_taken(met, inputs))
    return [found.get(place, None if place in grids else np.empty(0)) for place in range(len(base))]


def evenly(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return the first, the last, and as many between them as there may be."""
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(np.intp)]


def _grid(column: Floats) -> Floats:
    """Return values of a column, from the smallest to the largest; none of a constant."""
    values = np.unique(column[np.isfinite(column)])
    return evenly(values, _GRID) if len(values) > 1 else np.empty(0)


def _where_taken(find: Callable[[Sequence[S]], list[T]], inputs: Sequence[S]) -> list[T]:
    """Find for all inputs together; where the encoder refuses, for smaller and smaller parts."""
    try:
        return find(inputs) if inputs else []
    except ValueError:
        middle = len(inputs) // 2
    parts = (inputs[:middle], inputs[middle:]) if middle else ()
    return [one for part in parts for one in _where_taken(find, part)]


def _looked(
    encode: Encode, base: Floats, grids: Mapping[int, Floats], thresholds: Thresholds, most: int
) -> list[_Input]:
    """Return what to look for by what changes on the way through each grid."""
    rows = np.tile(base, (sum(map(len, grids.values())), 1))
    starts = np.cumsum([0, *map(len, grids.values())])[:-1].tolist()
    for start, (place, grid) in zip(starts, grids.items(), strict=True):
        rows[start : start + len(grid), place] = grid
    ways = zip(grids.items(), np.split(encode(rows), starts[1:]), strict=True)
    return [_input(place, grid, told, thresholds, most) for (place, grid), told in ways]


def _input(place: int, grid: Floats, told: Floats, thresholds: Thresholds, most: int) -> _Input:
    before, after = told[:-1], told[1:]
    changes = (before != after) & ~(np.isnan(before) & np.isnan(after))
    changed = np.flatnonzero(changes.any(axis=0)).tolist()
    steps, crossings = _steps(grid, told, changes), _crossings(grid, changed, thresholds)
    return _Input(place, frozenset(changed), _fair(steps, crossings, most))


def _steps(grid: Floats, told: Floats, changes: NDArray[np.bool_]) -> _Searches:
    """Look for each change between two neighbours, half-way through it."""
    features, before = np.nonzero(changes.T)
    middles = told[before, features] / 2 + told[before + 1, features] / 2
    return _Searches(features, middles, grid[before], grid[before + 1])


def _crossings(grid: Floats, changed: Sequence[int], thresholds: Thresholds) -> _Searches:
    """Look for each threshold of a feature that changes, somewhere in the whole range."""
    found = [evenly(thresholds.of(feature), _MOST_OF_A_FEATURE) for feature in changed]
    values = np.concatenate([np.empty(0), *found])
    low, high = np.repeat(grid[[0, -1], None], len(values), axis=1)
    features = np.repeat(np.array(changed, np.intp), list(map(len, found)))
    return _Searches(features, values, low, high)


def _fair(steps: _Searches, crossings: _Searches, most: int) -> _Searches:
    """Choose half of each kind; what one kind leaves is the other's."""
    many, others = len(steps.values), len(crossings.values)
    taken = min(many, max(most // 2, most - others))
    return _joined(
        [
            steps.take(evenly(np.arange(many), taken)),
            crossings.take(evenly(np.arange(others), most - taken)),
        ]
    )


def _joined(searches: Sequence[_Searches]) -> _Searches:
    return _Searches(*map(np.concatenate, zip(*map(_parts, searches), strict=True)))


def _met(
    encode: Encode, base: Floats, inputs: Sequence[_Input], *, with_trees: bool
) -> list[tuple[int, Floats]]:
    """Return the values of each input on both sides of what it looks for."""
    together = _together(inputs)
    # without trees there is nothing that casts to float32
    narrowed = (False, True) if with_trees else (False,)
    ends = [_halved(encode, base, together, narrow=narrow) for narrow in narrowed]
    values = np.concatenate(ends)
    return [(one.place, np.unique(values[:, together.inputs == one.place])) for one in inputs]


def _together(inputs: Sequence[_Input]) -> _Together:
    """Lay the searches of inputs that do not disturb each other side by side."""
    companies = _companies(inputs)
    rows, start = list[Places](), 0
    for company in companies:
        counts = [len(one.searches.values) for one in company]
        rows += [start + np.arange(count) for count in counts]
        start += max(counts)
    ordered = [one for company in companies for one in company]
    places = [np.full(len(one.searches.values), one.place) for one in ordered]
    searches = _joined([one.searches for one in ordered])
    return _Together(np.concatenate(rows), np.concatenate(places), searches)


def _companies(inputs: Sequence[_Input]) -> list[list[_Input]]:
    """Part the inputs so that no two of a part change the same feature."""
    companies: list[list[_Input]] = []
    for one in inputs:
        for company in companies:
            if all(one.changed.isdisjoint(other.changed) for other in company):
                company.append(one)
                break
        else:
            companies.append([one])
    return companies


def _halved(encode: Encode, base: Floats, together: _Together, *, narrow: bool) -> Floats:
    """Halve every interval until its ends are neighbours; narrow: as forests cast to float32."""
    low, high = together.searches.low, together.searches.high
    rows = np.tile(base, (1 + max(together.rows, default=-1), 1))
    rises = _is_above(encode, rows, together, high, narrow=narrow)
    for _ in range(_HALVINGS):
        middle = low / 2 + high / 2
        if ((middle == low) | (middle == high)).all():
            break
        is_high = _is_above(encode, rows, together, middle, narrow=narrow) == rises
        low, high = np.where(is_high, low, middle), np.where(is_high, middle, high)
    return np.stack([low, high])


def _is_above(
    encode: Encode, rows: Floats, together: _Together, values: Floats, *, narrow: bool
) -> NDArray[np.bool_]:
    """Tell whether features are above their thresholds; the rows are overwritten."""
    rows[together.rows, together.inputs] = values
    told = _told(encode, rows, together)
    told = told.astype(np.float32).astype(np.float64) if narrow else told
    above: NDArray[np.bool_] = told > together.searches.values
    return above


def _told(encode: Encode, rows: Floats, together: _Together) -> Floats:
    """Return what each search is told, without holding all features of all rows at once."""
    told = np.empty(len(together.rows))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        encoded = encode(rows[start : start + _ROWS_AT_ONCE])
        mine = (together.rows >= start) & (together.rows < start + _ROWS_AT_ONCE)
        told[mine] = encoded[together.rows[mine] - start, together.searches.features[mine]]
    return told


def _parts(searches: _Searches) -> tuple[NDArray[Any], ...]:
    return searches.features, searches.values, searches.low, searches.high
