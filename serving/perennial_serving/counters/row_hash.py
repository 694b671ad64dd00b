"""One 64-bit hash for each row: equal rows have equal hashes in every worker."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.rows import RowBlock

Words = NDArray[np.uint64]

_SEED, _ODD, _HALF, _TWIST = 0x9E3779B97F4A7C15, np.uint64(1), np.uint64(32), np.uint64(29)
_FACTOR = np.uint64(0xBF58476D1CE4E5B9)


def row_hashes(block: RowBlock) -> Words:
    """Return a hash of all inputs of each row; unseen values are alike."""
    # one spelling of zero and of missing, whoever sent it
    numbers = np.where(np.isnan(block.numbers), np.nan, block.numbers + 0.0)
    words = np.concatenate((numbers.view(np.uint64), block.codes.view(np.uint64)), axis=1)
    mixed = _mixed(words + _salts(words.shape[1]))
    return _mixed(mixed.sum(axis=1, dtype=np.uint64))


def _mixed(words: Words) -> Words:
    """Spread every bit over all of them."""
    words = (words ^ (words >> _HALF)) * _FACTOR
    words = (words ^ (words >> _TWIST)) * _FACTOR
    mixed: Words = words ^ (words >> _HALF)
    return mixed


@cache
def _salts(columns: int) -> Words:
    """Tell columns apart: equal values in two of them must not change places unseen."""
    return np.random.default_rng(_SEED).integers(0, 2**64, columns, np.uint64) | _ODD
