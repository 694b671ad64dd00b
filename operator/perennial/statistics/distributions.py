"""Tail probabilities that numpy lacks, for whole arrays at once.

The incomplete beta function is the continued fraction 8.17.22 of the NIST Digital Library of
Mathematical Functions; all others follow from it, or from `math.erfc`. Absolute errors are below
1e-9, relative ones below 1e-6, except where a function states otherwise.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from perennial.statistics.verdict import FloatArray

_TINY: Final = 1e-300
_PRECISION: Final = 1e-13
_MOST_STEPS: Final = 500
_SHIFT: Final = 8
_ERFC = np.frompyfunc(math.erfc, 1, 1)


def two_sided_normal(z: ArrayLike) -> FloatArray:
    """Return the probability that a standard normal lies farther from 0 than z."""
    return np.asarray(_ERFC(np.abs(z) / math.sqrt(2)), dtype=np.float64)


def normal_above(z: ArrayLike) -> FloatArray:
    """Return the probability that a standard normal exceeds z."""
    return np.asarray(_ERFC(np.asarray(z) / math.sqrt(2)), dtype=np.float64) / 2


def log_gamma(x: ArrayLike) -> FloatArray:
    """Return the logarithm of the gamma function, x above 0 (Stirling's series, DLMF 5.11.1)."""
    given = np.asarray(x, dtype=np.float64)
    product = np.ones_like(given)
    for step in range(_SHIFT):
        product = product * (given + step)
    far = given + _SHIFT
    square = 1 / far**2
    series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / far
    stirling = (far - 0.5) * np.log(far) - far + math.log(2 * math.pi) / 2 + series
    return np.asarray(stirling - np.log(product))


def incomplete_beta(a: ArrayLike, b: ArrayLike, x: ArrayLike) -> FloatArray:
    """Return the regularised incomplete beta function I_x(a, b); a and b above 0, x in [0, 1]."""
    first, second, at = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (a, b, x)))
    swapped = at > (first + 1) / (first + second + 2)
    p, q = np.where(swapped, second, first), np.where(swapped, first, second)
    y = np.where(swapped, 1 - at, at)
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = p * np.log(y) + q * np.log1p(-y)
    front = powers + log_gamma(p + q) - log_gamma(p) - log_gamma(q)
    part = np.where(y > 0, np.exp(np.where(y > 0, front, 0.0)) / p * _fraction(p, q, y), 0.0)
    return np.clip(np.where(swapped, 1 - part, part), 0.0, 1.0)


def _fraction(p: FloatArray, q: FloatArray, y: FloatArray) -> FloatArray:
    """Return 1 / (1 + d1 / (1 + d2 / ...)) by the modified Lentz algorithm."""
    c, d = np.ones_like(y), _inverse(1 - (p + q) * y / (p + 1))
    value = d
    for step in range(1, _MOST_STEPS):
        twice = p + 2 * step
        even = step * (q - step) * y / ((twice - 1) * twice)
        d, c = _inverse(1 + even * d), _away(1 + even / c)
        value = value * d * c
        odd = -(p + step) * (p + q + step) * y / (twice * (twice + 1))
        d, c = _inverse(1 + odd * d), _away(1 + odd / c)
        change = d * c
        value = value * change
        if (np.abs(change - 1) < _PRECISION).all():
            break
    return np.asarray(value)


def _away(value: FloatArray) -> FloatArray:
    return np.where(np.abs(value) < _TINY, _TINY, value)


def _inverse(value: FloatArray) -> FloatArray:
    return 1 / _away(value)


def f_above(f: ArrayLike, numerator: ArrayLike, denominator: ArrayLike) -> FloatArray:
    """Return the probability that an F variable exceeds f (degrees of freedom above 0).

    I_x(d2 / 2, d1 / 2) at x = d2 / (d2 + d1 f): DLMF 8.17.
    """
    d1, d2 = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    x = d2 / (d2 + d1 * np.maximum(f, 0.0))
    return incomplete_beta(d2 / 2, d1 / 2, x)


def noncentral_chi_square_above(
    x: ArrayLike, degrees: ArrayLike, noncentrality: ArrayLike
) -> FloatArray:
    """Return the probability that a noncentral chi-square variable exceeds x.

    The normal approximation of Sankaran (1963); absolute errors stay below .01.
    """
    k, shift = np.asarray(degrees, dtype=np.float64), np.asarray(noncentrality, dtype=np.float64)
    total, twice, thrice = k + shift, k + 2 * shift, k + 3 * shift
    h = 1 - 2 / 3 * total * thrice / twice**2
    p = twice / total**2
    m = (h - 1) * (1 - 3 * h)
    mean = 1 + h * p * (h - 1 - 0.5 * (2 - h) * m * p)
    deviation = h * np.sqrt(2 * p) * (1 + 0.5 * m * p)
    return normal_above(((np.maximum(x, 0.0) / total) ** h - mean) / deviation)


def two_sided_binomial(events: ArrayLike, trials: ArrayLike, share: ArrayLike) -> FloatArray:
    """Return the two-sided mid-p value of `events` among `trials` that each count with `share`.

    Events and trials are rounded to whole numbers; without trials the result is 1.
    """
    given = (np.asarray(each, dtype=np.float64) for each in (events, trials, share))
    k, n, p = np.broadcast_arrays(*given)
    k, n = np.round(k), np.round(n)
    p = np.clip(p, 1e-15, 1 - 1e-12)
    chosen = log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1)
    half = np.exp(chosen + k * np.log(p) + (n - k) * np.log1p(-p)) / 2
    above = np.where(k < n, incomplete_beta(k + 1, np.maximum(n - k, 0.5), p), 0.0)
    upper = above + half
    return np.where(n > 0, np.minimum(1.0, 2 * np.minimum(upper, 1 - upper)), 1.0)
