"""Many p-values as one: over the components of an input, over inputs, and over pseudo-windows."""

from typing import Final

import numpy as np

from perennial.statistics.verdict import FloatArray

_SMALLEST: Final = 1e-15
_LARGEST: Final = 0.99  # else one p-value near 1 outweighs any number of small ones
_FAR: Final = 1e6  # from here on, the Cauchy tail is 1 / (pi t) to twelve digits
_TAIL: Final = 0.9  # the Pareto tail begins at this quantile of evidence
_HEAVIEST: Final = 0.5  # shape of the heaviest Pareto tail whose variance still exists


def cauchy(p: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the Cauchy combination of p-values over the last axis (Liu and Xie 2020).

    `weights` broadcast to the shape of `p`. A p-value of NaN says that there is no such test: the
    others share its weight. Where all are NaN the result is 1.
    """
    known = ~np.isnan(p)
    shares = np.where(known, weights, 0.0)
    total = shares.sum(axis=-1)
    inside = np.clip(np.where(known, p, 0.5), _SMALLEST, _LARGEST)
    t = np.where(inside < 1e-12, 1 / (inside * np.pi), np.tan((0.5 - inside) * np.pi))  # noqa: PLR2004
    mean = (t * shares).sum(axis=-1) / np.maximum(total, 1e-300)
    combined = np.where(
        mean > _FAR, 1 / (np.maximum(mean, 1.0) * np.pi), 0.5 - np.arctan(mean) / np.pi
    )
    return np.asarray(np.where(total > 0, combined, 1.0))


def smallest_adjusted(p: FloatArray) -> FloatArray:
    """Return the smallest p-value over the first axis, adjusted by Benjamini and Hochberg (1995).

    This is the p-value of Simes (1986) of all inputs together.
    """
    inputs = len(p)
    if not inputs:
        raise ValueError("there must be one p-value or more")
    ranks = np.arange(1, inputs + 1).reshape(-1, *([1] * (p.ndim - 1)))
    return np.asarray(np.minimum(1.0, (np.sort(p, axis=0) * inputs / ranks).min(axis=0)))


def adjusted(p: FloatArray) -> FloatArray:
    """Return each p-value over the first axis, adjusted by Benjamini and Hochberg (1995)."""
    inputs = len(p)
    order = np.argsort(p, axis=0)
    ranks = np.arange(1, inputs + 1).reshape(-1, *([1] * (p.ndim - 1)))
    raw = np.take_along_axis(p, order, 0) * inputs / ranks
    falling = np.minimum.accumulate(raw[::-1], axis=0)[::-1]
    found = np.empty_like(raw)
    np.put_along_axis(found, order, np.minimum(falling, 1.0), 0)
    return found


def rank_among(null: FloatArray, found: FloatArray) -> FloatArray:
    """Return the p-value of statistics that are small under an alternative, by their null's.

    `null` (pseudo-windows,) and `found` (any shape) are p-values that need not be calibrated. Up
    to the smallest tenth of the null the result is a rank, (number as small + 1) / (number + 1).
    Beyond, a generalised Pareto tail is fitted to -log p by moments (Hosking and Wallis 1987),
    with a shape between 0 and .5.
    """
    if not len(null):
        raise ValueError("the null must have one pseudo-window or more")
    evidence = np.sort(-np.log(np.maximum(null, 1e-300)))
    at = -np.log(np.maximum(found, 1e-300))
    number = len(evidence)
    rank = (number - np.searchsorted(evidence, at, side="left") + 1) / (number + 1)
    start = np.quantile(evidence, _TAIL)
    beyond = evidence[evidence > start] - start
    if not len(beyond):
        return np.asarray(rank)
    over = np.maximum(at - start, 0.0)
    tail = len(beyond) / number * _pareto_above(beyond, over)
    return np.where(at > start, np.minimum(tail, 1.0), rank)


def _pareto_above(sample: FloatArray, over: FloatArray) -> FloatArray:
    mean, variance = sample.mean(), max(float(sample.var()), 1e-9)
    shape = float(np.clip(0.5 * (1 - mean**2 / variance), 0.0, _HEAVIEST))
    scale = max(0.5 * mean * (mean**2 / variance + 1), mean * (1 - shape), 1e-12)
    if shape < 1e-6:  # noqa: PLR2004 - an exponential tail
        return np.asarray(np.exp(-over / scale))
    return np.asarray((1 + shape * over / scale) ** (-1 / shape))
