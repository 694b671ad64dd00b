"""A 64-bit hash of each row, equal for equal rows in every worker."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.rows import RowBlock

Words = NDArray[np.uint64]

_SEED, _ODD, _HALF, _TWIST = 0x9E3779B97F4A7C15, np.uint64(1), np.uint64(32), np.uint64(29)
_FACTOR = np.uint64(0xBF58476D1CE4E5B9)


def row_hashes(block: RowBlock) -> Words:
    """Return a hash over all inputs of each row; all unseen categories count as equal."""
    # normalise -0.0 and the payload of NaN
    numbers = block.numbers + 0.0
    np.copyto(numbers, np.nan, where=np.isnan(numbers))
    words, codes = numbers.view(np.uint64), block.codes.view(np.uint64)
    # round numbers differ in their upper bits only, which multiplication does not carry down
    words ^= words >> _HALF
    of_numbers, of_codes = _factors(words.shape[1], codes.shape[1])
    return _mixed(words @ of_numbers + codes @ of_codes)


def _mixed(words: Words) -> Words:
    """Finalise a hash: every input bit affects every output bit (as in SplitMix64)."""
    words = (words ^ (words >> _HALF)) * _FACTOR
    words = (words ^ (words >> _TWIST)) * _FACTOR
    mixed: Words = words ^ (words >> _HALF)
    return mixed


@cache
def _factors(numbers: int, codes: int) -> tuple[Words, Words]:
    """Return one odd factor per column, so that swapped values change the hash."""
    random = np.random.default_rng(_SEED)
    factors = random.integers(0, 2**64, numbers + codes, np.uint64) | _ODD
    return factors[:numbers], factors[numbers:]
