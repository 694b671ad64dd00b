"""Decision boundaries of a fitted pipeline: inputs on both sides of every threshold."""

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
"""From (rows, numeric inputs), with the texts of one row, to (rows, features)."""

_MOST_OF_A_FEATURE: Final = 96
_GRID: Final = 65
_HALVINGS: Final = 70
_ROWS_AT_ONCE: Final = 500
_GRIDS_AT_ONCE: Final = _ROWS_AT_ONCE // _GRID


@dataclass(frozen=True, slots=True)
class _Searches:
    """Feature thresholds to find by varying one input, each between two of its values."""

    features: Places
    values: Floats
    low: Floats
    high: Floats

    def take(self, positions: Places) -> Self:
        """Return some of them."""
        return type(self)(*(part[positions] for part in _parts(self)))


@dataclass(frozen=True, slots=True)
class _Input:
    """The searches for one input."""

    place: int
    changed: frozenset[int]
    """Features that depend on the input."""
    searches: _Searches


@dataclass(frozen=True, slots=True)
class _Layout:
    """Searches for several inputs, each in its own row and column of one table."""

    rows: Places
    inputs: Places
    searches: _Searches


def boundaries(
    encode: Encode, base: Floats, numbers: Floats, thresholds: Thresholds, most: int
) -> list[Floats | None]:
    """Return, for each input, its values next to which a feature crosses a threshold.

    The other inputs keep the values of the base row. Thresholds are those of trees, and the steps
    of features that change along the input's own values; of more than `most`, an even selection
    is used. The result is None for an input if the encoder rejects values between its own.
    """
    grids = {place: grid for place, column in enumerate(numbers.T) if len(grid := _grid(column))}

    def plan_searches(places: Sequence[int]) -> list[_Input]:
        return _planned(encode, base, {place: grids[place] for place in places}, thresholds, most)

    def bisect_searches(inputs: Sequence[_Input]) -> list[tuple[int, Floats]]:
        return _crossed(encode, base, inputs, with_trees=len(thresholds.values) > 0)

    places, inputs = list(grids), list[_Input]()
    for start in range(0, len(places), _GRIDS_AT_ONCE):
        inputs += _for_accepted(plan_searches, places[start : start + _GRIDS_AT_ONCE])
    found: dict[int, Floats] = dict(_for_accepted(bisect_searches, inputs))
    return [found.get(place, None if place in grids else np.empty(0)) for place in range(len(base))]


def evenly(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return at most so many values, evenly spaced, with the first and the last."""
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(np.intp)]


def _grid(column: Floats) -> Floats:
    """Return distinct values of a column in ascending order; empty if it is constant."""
    values = np.unique(column[np.isfinite(column)])
    return evenly(values, _GRID) if len(values) > 1 else np.empty(0)


def _for_accepted(find: Callable[[Sequence[S]], list[T]], inputs: Sequence[S]) -> list[T]:
    """Search for all inputs at once; if the encoder rejects them, bisect the inputs."""
    try:
        return find(inputs) if inputs else []
    except ValueError:
        middle = len(inputs) // 2
    parts = (inputs[:middle], inputs[middle:]) if middle else ()
    return [found for part in parts for found in _for_accepted(find, part)]


def _planned(
    encode: Encode, base: Floats, grids: Mapping[int, Floats], thresholds: Thresholds, most: int
) -> list[_Input]:
    """Return the searches for each input, by the features that change along its grid."""
    rows = np.tile(base, (sum(map(len, grids.values())), 1))
    starts = np.cumsum([0, *map(len, grids.values())])[:-1].tolist()
    for start, (place, grid) in zip(starts, grids.items(), strict=True):
        rows[start : start + len(grid), place] = grid
    ways = zip(grids.items(), np.split(encode(rows), starts[1:]), strict=True)
    return [_input(place, grid, features, thresholds, most) for (place, grid), features in ways]


def _input(place: int, grid: Floats, features: Floats, thresholds: Thresholds, most: int) -> _Input:
    before, after = features[:-1], features[1:]
    changes = (before != after) & ~(np.isnan(before) & np.isnan(after))
    changed = np.flatnonzero(changes.any(axis=0)).tolist()
    steps, crossings = _steps(grid, features, changes), _crossings(grid, changed, thresholds)
    return _Input(place, frozenset(changed), _balanced(steps, crossings, most))


def _steps(grid: Floats, encoded: Floats, changes: NDArray[np.bool_]) -> _Searches:
    """Search each change between two grid values, half-way between their features."""
    features, before = np.nonzero(changes.T)
    middles = encoded[before, features] / 2 + encoded[before + 1, features] / 2
    return _Searches(features, middles, grid[before], grid[before + 1])


def _crossings(grid: Floats, changed: Sequence[int], thresholds: Thresholds) -> _Searches:
    """Search each threshold of a changing feature, within the whole range of the input."""
    found = [evenly(thresholds.of(feature), _MOST_OF_A_FEATURE) for feature in changed]
    values = np.concatenate([np.empty(0), *found])
    low, high = np.repeat(grid[[0, -1], None], len(values), axis=1)
    features = np.repeat(np.array(changed, np.intp), list(map(len, found)))
    return _Searches(features, values, low, high)


def _balanced(steps: _Searches, crossings: _Searches, most: int) -> _Searches:
    """Take half of each kind; what one kind leaves unused goes to the other."""
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


def _crossed(
    encode: Encode, base: Floats, inputs: Sequence[_Input], *, with_trees: bool
) -> list[tuple[int, Floats]]:
    """Return the values of each input on both sides of its thresholds."""
    layout = _laid_out(inputs)
    # only trees cast to float32
    casts = (False, True) if with_trees else (False,)
    ends = [_bisected(encode, base, layout, as_float32=as_float32) for as_float32 in casts]
    values = np.concatenate(ends)
    return [
        (varied.place, np.unique(values[:, layout.inputs == varied.place])) for varied in inputs
    ]


def _laid_out(inputs: Sequence[_Input]) -> _Layout:
    """Put the searches for inputs that affect different features into the same rows."""
    groups = _independent_groups(inputs)
    rows, start = list[Places](), 0
    for group in groups:
        counts = [len(varied.searches.values) for varied in group]
        rows += [start + np.arange(count) for count in counts]
        start += max(counts)
    ordered = [varied for group in groups for varied in group]
    places = [np.full(len(varied.searches.values), varied.place) for varied in ordered]
    searches = _joined([varied.searches for varied in ordered])
    return _Layout(np.concatenate(rows), np.concatenate(places), searches)


def _independent_groups(inputs: Sequence[_Input]) -> list[list[_Input]]:
    """Partition the inputs so that no two of a group change the same feature."""
    groups: list[list[_Input]] = []
    for varied in inputs:
        for group in groups:
            if all(varied.changed.isdisjoint(other.changed) for other in group):
                group.append(varied)
                break
        else:
            groups.append([varied])
    return groups


def _bisected(encode: Encode, base: Floats, layout: _Layout, *, as_float32: bool) -> Floats:
    """Bisect every interval down to adjacent floats; forests compare in float32."""
    low, high = layout.searches.low, layout.searches.high
    rows = np.tile(base, (1 + max(layout.rows, default=-1), 1))
    rises = _is_above(encode, rows, layout, high, as_float32=as_float32)
    for _ in range(_HALVINGS):
        middle = low / 2 + high / 2
        if ((middle == low) | (middle == high)).all():
            break
        is_high = _is_above(encode, rows, layout, middle, as_float32=as_float32) == rises
        low, high = np.where(is_high, low, middle), np.where(is_high, middle, high)
    return np.stack([low, high])


def _is_above(
    encode: Encode, rows: Floats, layout: _Layout, values: Floats, *, as_float32: bool
) -> NDArray[np.bool_]:
    """Return whether features exceed their thresholds; overwrites the rows."""
    rows[layout.rows, layout.inputs] = values
    features = _encoded_features(encode, rows, layout)
    features = features.astype(np.float32).astype(np.float64) if as_float32 else features
    above: NDArray[np.bool_] = features > layout.searches.values
    return above


def _encoded_features(encode: Encode, rows: Floats, layout: _Layout) -> Floats:
    """Return the feature of each search, without holding all features of all rows at once."""
    features = np.empty(len(layout.rows))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        encoded = encode(rows[start : start + _ROWS_AT_ONCE])
        mine = (layout.rows >= start) & (layout.rows < start + _ROWS_AT_ONCE)
        features[mine] = encoded[layout.rows[mine] - start, layout.searches.features[mine]]
    return features


def _parts(searches: _Searches) -> tuple[NDArray[Any], ...]:
    return searches.features, searches.values, searches.low, searches.high
