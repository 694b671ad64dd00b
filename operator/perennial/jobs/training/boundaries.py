"""Where a fitted pipeline changes its mind: inputs on either side of every threshold."""

from collections.abc import Callable, Iterator
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
class _Search:
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
) -> list[Floats]:
    """Return, for each input, its values next to where a feature crosses a threshold.

    The other inputs stay as in the base row. The thresholds are those of trees, and the steps of
    features that change on the way through the input's own values.
    """
    searches = [
        search
        for place, column in enumerate(numbers.T)
        if len(grid := _grid(column)) > 1
        for search in _searches(encode, base, place, grid, thresholds)
    ]
    met = [np.empty(0) for _ in range(numbers.shape[1])]
    if not searches:
        return met
    together = _together(searches)
    # without trees there is nothing that casts to float32
    for narrow in (False, True) if len(thresholds.values) else (False,):
        low, high = _halved(encode, base, together, narrow=narrow)
        for place in range(len(met)):
            mine = together.inputs == place
            met[place] = np.unique(np.concatenate([met[place], low[mine], high[mine]]))
    return met


def _grid(column: Floats) -> Floats:
    """Return values of a column, from the smallest to the largest."""
    values = np.unique(column[np.isfinite(column)])
    if len(values) <= _GRID:
        return values
    return values[np.linspace(0, len(values) - 1, _GRID).astype(np.intp)]


def _searches(
    encode: Encode, base: Floats, place: int, grid: Floats, thresholds: Thresholds
) -> Iterator[_Search]:
    """Yield what to look for by changing one input."""
    rows = np.tile(base, (len(grid), 1))
    rows[:, place] = grid
    told = encode(rows)
    changes = told[1:] != told[:-1]
    ends = np.array([grid[0], grid[-1]])
    for feature in np.flatnonzero(changes.any(axis=0)).tolist():
        steps = np.flatnonzero(changes[:, feature])
        middles = told[steps, feature] / 2 + told[steps + 1, feature] / 2
        yield _search(place, feature, middles, grid[steps], grid[steps + 1])
        values = _some(thresholds.of(feature))
        low, high = np.repeat(ends[:, None], len(values), axis=1)
        yield _search(place, feature, values, low, high)


def _search(place: int, feature: int, values: Floats, low: Floats, high: Floats) -> _Search:
    count = len(values)
    return _Search(np.full(count, place), np.full(count, feature), values, low, high)


def _some(values: Floats) -> Floats:
    if len(values) <= MOST_OF_AN_INPUT:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_OF_AN_INPUT).astype(np.intp)]


def _together(searches: list[_Search]) -> _Search:
    return _Search(
        np.concatenate([one.inputs for one in searches]),
        np.concatenate([one.features for one in searches]),
        np.concatenate([one.values for one in searches]),
        np.concatenate([one.low for one in searches]),
        np.concatenate([one.high for one in searches]),
    )


def _halved(
    encode: Encode, base: Floats, search: _Search, *, narrow: bool
) -> tuple[Floats, Floats]:
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
    return low, high


def _is_above(
    encode: Encode, rows: Floats, search: _Search, values: Floats, *, narrow: bool
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
