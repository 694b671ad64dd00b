"""Rules of others, re-implemented from their documentation, on the same counts by bin.

Statistics of whole samples are computed on bins, which makes them a little smaller.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from perennial.statistics.components import Kind

LEVEL = 0.05


@dataclass(frozen=True)
class Seen:
    """Counts that a rule may look at; `chunks` are windows of the reference."""

    kinds: Sequence[Kind]
    chunks: np.ndarray  # (inputs, chunks, bins)
    windows: np.ndarray  # (inputs, windows, bins)

    def each(self) -> list[tuple[Kind, np.ndarray, np.ndarray]]:
        return list(zip(self.kinds, self.chunks.sum(axis=1), self.windows, strict=True))


def ks_p(reference: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Return the p-value of each window by the limit distribution of Kolmogorov and Smirnov."""
    n, m = windows.sum(axis=-1), reference.sum()
    return stats.kstwobign.sf(ks(reference, windows) * np.sqrt(n * m / (n + m)))


def ks(reference: np.ndarray, windows: np.ndarray) -> np.ndarray:
    shares = windows / np.maximum(windows.sum(axis=-1, keepdims=True), 1)
    return np.abs(np.cumsum(shares - reference / reference.sum(), axis=-1)).max(axis=-1)


def chi_square(reference: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return statistic and degrees of freedom over all filled bins."""
    n, m = np.maximum(windows.sum(axis=-1, keepdims=True), 1), reference.sum()
    both = (windows + reference) / (n + m)
    apart = np.where(both > 0, (windows / n - reference / m) ** 2 / np.where(both > 0, both, 1), 0)
    degrees = np.maximum((both > 0).sum(axis=-1) - 1, 1)
    return apart.sum(axis=-1) / (1 / n + 1 / m)[..., 0], degrees


def psi(reference: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Return the population stability index of each window, half a row added to each bin."""
    p = (reference + 0.5) / (reference + 0.5).sum()
    q = (windows + 0.5) / (windows + 0.5).sum(axis=-1, keepdims=True)
    return ((q - p) * np.log(q / p)).sum(axis=-1)


def jensen_shannon(reference: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Return the distance of Jensen and Shannon of each window."""
    p = reference / reference.sum()
    q = windows / np.maximum(windows.sum(axis=-1, keepdims=True), 1)
    middle = (p + q) / 2

    def against(shares: np.ndarray) -> np.ndarray:
        safe = np.where(shares > 0, shares, 1)
        logs = np.log2(safe / np.where(middle > 0, middle, 1))
        return np.where(shares > 0, shares * logs, 0).sum(axis=-1)

    return np.sqrt(np.maximum(against(np.broadcast_to(p, q.shape)) + against(q), 0) / 2)


def _smallest_p(seen: Seen) -> np.ndarray:
    found = []
    for kind, reference, windows in seen.each():
        if kind is Kind.NUMBER:
            found.append(ks_p(reference[:-1], windows[:, :-1]))
        else:
            found.append(stats.chi2.sf(*chi_square(reference, windows)))
    return np.stack(found).min(axis=0)


def any_test(seen: Seen) -> np.ndarray:
    return _smallest_p(seen) < LEVEL


def bonferroni(seen: Seen) -> np.ndarray:
    return _smallest_p(seen) < LEVEL / len(seen.kinds)


def any_psi(limit: float) -> Callable[[Seen], np.ndarray]:
    return lambda seen: np.stack([psi(r, w) > limit for _, r, w in seen.each()]).any(axis=0)


def mean_and_three_sd(seen: Seen) -> np.ndarray:
    """Alarm if a distance exceeds mean + 3 sd of the reference's chunks (NannyML's default)."""
    found = []
    for (_, reference, windows), chunks in zip(seen.each(), seen.chunks, strict=True):
        usual = jensen_shannon(reference, chunks)
        found.append(jensen_shannon(reference, windows) > usual.mean() + 3 * usual.std())
    return np.stack(found).any(axis=0)


RULES: Mapping[str, Callable[[Seen], np.ndarray]] = {
    "KS or chi-square, p < .05": any_test,
    "the same, Bonferroni": bonferroni,
    "PSI > .1": any_psi(0.1),
    "PSI > .25": any_psi(0.25),
    "JS > mean + 3 sd of chunks": mean_and_three_sd,
}
