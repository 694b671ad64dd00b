"""Where a fitted pipeline changes its mind: inputs on either side of every threshold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Encode = Callable[[Floats], Floats]
"""From numbers of rows, whose texts are one row's, to what the estimator is given."""

Fitted = Any  # scikit-learn has no types

MOST_OF_AN_INPUT: Final = 96
_FEWEST_VALUES: Final = 2
_GRID: Final = 65
_HALVINGS: Final = 70


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Pairs of a feature and a value that decides about it."""

    features: Places
    values: Floats

    def of(self, feature: int) -> Floats:
        """Return the values that decide about one feature."""
        mine: Floats = self.values[self.features == feature]
        return mine


@dataclass(frozen=True, slots=True)
class _Searches:
    """Thresholds to be met by changing one input each, somewhere between two of its values."""

    inputs: Places
    features: Places
    values: Floats
    low: Floats
    high: Floats


def thresholds_of(estimator: Fitted) -> Thresholds:
    """Return every threshold of every tree in a fitted estimator."""
    found = list(_splits(estimator))
    if not found:
        return Thresholds(np.empty(0, np.intp), np.empty(0))
    features, values = zip(*found, strict=True)
    both = np.unique(np.column_stack([np.concatenate(features), np.concatenate(values)]), axis=0)
    return Thresholds(both[:, 0].astype(np.intp), both[:, 1])


def boundaries(
    encode: Encode, base: Floats, numbers: Floats, thresholds: Thresholds
) -> list[Floats | None]:
    """Return, for each input, its values next to where a feature crosses a threshold.

    The other inputs stay as in the base row. The thresholds are those of trees, and the steps of
    features that change on the way through the input's own values. None where the encoder refuses
    what lies between those values.
    """
    met: list[Floats | None] = [np.empty(0) for _ in numbers.T]
    searches = []
    for place, column in enumerate(numbers.T):
        try:
            searches.append(_searches(encode, base, place, _grid(column), thresholds))
        except ValueError:
            met[place] = None
    # without trees there is nothing that casts to float32
    narrowed = (False, True) if len(thresholds.values) else (False,)
    searches = [search for search in searches if len(search.values)]
    for place, values in _met(encode, base, searches, narrowed).items():
        met[place] = values
    return met


def _met(
    encode: Encode, base: Floats, searches: Sequence[_Searches], narrowed: Sequence[bool]
) -> dict[int, Floats | None]:
    """Search for all inputs together; where the encoder refuses, for smaller and smaller parts."""
    if not searches:
        return {}
    together = _together(searches)
    try:
        ends = [_halved(encode, base, together, narrow=narrow) for narrow in narrowed]
    except ValueError:
        middle = len(searches) // 2
        if not middle:
            return {int(together.inputs[0]): None}
        parts = searches[:middle], searches[middle:]
        first, second = (_met(encode, base, part, narrowed) for part in parts)
        return first | second
    values = np.concatenate(ends)
    places = np.unique(together.inputs).tolist()
    return {place: np.unique(values[:, together.inputs == place]) for place in places}


def _grid(column: Floats) -> Floats:
    """Return values of a column, from the smallest to the largest."""
    values = np.unique(column[np.isfinite(column)])
    if len(values) <= _GRID:
        return values
    return values[np.linspace(0, len(values) - 1, _GRID).astype(np.intp)]


def _searches(
    encode: Encode, base: Floats, place: int, grid: Floats, thresholds: Thresholds
) -> _Searches:
    """Return what to look for by changing one input."""
    if len(grid) < _FEWEST_VALUES:
        return _together([])
    rows = np.tile(base, (len(grid), 1))
    rows[:, place] = grid
    told = encode(rows)
    return _together([_steps(place, grid, told), _crossings(place, grid, told, thresholds)])


def _steps(place: int, grid: Floats, told: Floats) -> _Searches:
    """Look for each change between two neighbours, half-way through it."""
    features, before = np.nonzero(_changes(told).T)
    middles = told[before, features] / 2 + told[before + 1, features] / 2
    places = np.full(len(features), place)
    return _Searches(places, features, middles, grid[before], grid[before + 1])


def _crossings(place: int, grid: Floats, told: Floats, thresholds: Thresholds) -> _Searches:
    """Look for each threshold of a feature that changes, somewhere in the whole range."""
    changing = np.flatnonzero(_changes(told).any(axis=0)).tolist()
    found = [_some(thresholds.of(feature)) for feature in changing]
    values = np.concatenate([np.empty(0), *found])
    low, high = np.repeat(grid[[0, -1], None], len(values), axis=1)
    features = np.repeat(np.array(changing, np.intp), list(map(len, found)))
    return _Searches(np.full(len(values), place), features, values, low, high)


def _changes(told: Floats) -> NDArray[np.bool_]:
    before, after = told[:-1], told[1:]
    changes: NDArray[np.bool_] = (before != after) & ~(np.isnan(before) & np.isnan(after))
    return changes


def _some(values: Floats) -> Floats:
    if len(values) <= MOST_OF_AN_INPUT:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_OF_AN_INPUT).astype(np.intp)]


def _together(searches: Sequence[_Searches]) -> _Searches:
    return _Searches(
        np.concatenate([np.empty(0, np.intp), *(one.inputs for one in searches)]),
        np.concatenate([np.empty(0, np.intp), *(one.features for one in searches)]),
        np.concatenate([np.empty(0), *(one.values for one in searches)]),
        np.concatenate([np.empty(0), *(one.low for one in searches)]),
        np.concatenate([np.empty(0), *(one.high for one in searches)]),
    )


def _halved(encode: Encode, base: Floats, search: _Searches, *, narrow: bool) -> Floats:
    """Halve every interval until its ends are neighbours; narrow: as forests cast to float32."""
    low, high = search.low, search.high
    rows = np.tile(base, (len(low), 1))
    rises = _is_above(encode, rows, search, high, narrow=narrow)
    for _ in range(_HALVINGS):
        middle = low / 2 + high / 2
        if ((middle == low) | (middle == high)).all():
            break
        is_high = _is_above(encode, rows, search, middle, narrow=narrow) == rises
        low, high = np.where(is_high, low, middle), np.where(is_high, middle, high)
    return np.stack([low, high])


def _is_above(
    encode: Encode, rows: Floats, search: _Searches, values: Floats, *, narrow: bool
) -> NDArray[np.bool_]:
    """Tell whether features are above their thresholds; the rows are overwritten."""
    places = np.arange(len(rows))
    rows[places, search.inputs] = values
    told = encode(rows)[places, search.features]
    told = told.astype(np.float32).astype(np.float64) if narrow else told
    above: NDArray[np.bool_] = told > search.values
    return above


def _splits(estimator: Fitted) -> Iterator[tuple[Places, Floats]]:
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        inner = tree.feature >= 0
        yield tree.feature[inner], tree.threshold[inner]
    elif hasattr(estimator, "_predictors"):
        yield from _histogram_splits(estimator)
    for part in _parts(estimator):
        yield from _splits(part)


def _histogram_splits(estimator: Fitted) -> Iterator[tuple[Places, Floats]]:
    """Yield the splits of histogram gradient boosting, which puts categories first."""
    order = np.arange(estimator.n_features_in_)
    if (is_category := estimator.is_categorical_) is not None:
        order = np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])
    for tree in (tree for trees in estimator._predictors for tree in trees):  # noqa: SLF001 - no other way to its trees
        inner = tree.nodes[(tree.nodes["is_leaf"] == 0) & (tree.nodes["is_categorical"] == 0)]
        yield order[inner["feature_idx"]], inner["num_threshold"]


def _parts(estimator: Fitted) -> Iterator[Fitted]:
    """Yield the estimators that a fitted one consists of."""
    members = getattr(estimator, "estimators_", ())
    yield from members.ravel() if isinstance(members, np.ndarray) else members
    for calibrated in getattr(estimator, "calibrated_classifiers_", ()):
        yield calibrated.estimator
