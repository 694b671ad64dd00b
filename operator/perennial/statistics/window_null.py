"""How far windows lie from the reference without drift, and hence how probable a window is."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.components import MISSING, NEW, OMNIBUS, Components, rare_p
from perennial.statistics.distributions import f_above, noncentral_chi_square_above
from perennial.statistics.verdict import FloatArray

MOST_ROWS: Final = 4.0  # a window counts for at most so many times the reference's rows
_MANY: Final = 1e5  # denominator degrees of freedom at which F is all but a chi-square


@dataclass(frozen=True, slots=True)
class WindowNull:
    """The null of windows of one length.

    `scale` and `degrees` (inputs, 3) make each component's statistic a scaled F variable with
    `blocks - 1` degrees in the denominator, `blocks` being the number of such windows that the
    reference has. `dispersion` (inputs, 3) and `rare_dispersion` (inputs, 2) are correlations
    within a window: by them the null of `rows` rows is carried over to windows of other sizes.
    """

    rows: float
    blocks: float
    scale: FloatArray
    degrees: FloatArray
    dispersion: FloatArray
    rare_dispersion: FloatArray

    @classmethod
    def independent(cls, components: Components, rows: float) -> "WindowNull":
        """Return the null of independent rows, for a reference without a time column."""
        inputs = len(components.degrees)
        degrees = np.ones((inputs, 3))
        degrees[:, OMNIBUS] = np.maximum(components.degrees, 1)
        zeros = np.zeros((inputs, 3))
        return cls(rows, np.inf, np.ones((inputs, 3)), degrees, zeros, np.zeros((inputs, 2)))

    @classmethod
    def fitted(
        cls,
        components: Components,
        reference: FloatArray,
        window: FloatArray,
        new: FloatArray,
        blocks: float,
    ) -> "WindowNull":
        """Return the null that pseudo-windows show.

        `window` (inputs, windows, bins) are the counts of whole pseudo-windows, `reference` those
        of the other blocks, `new` (inputs, windows) the rows whose values no other block has, and
        `blocks` the number of such windows that the reference has.
        Scale and degrees are by moments (Satterthwaite 1946), the scale never below 1.
        """
        found = components.statistics(reference, window)
        mean, variance = found.mean(axis=1), found.var(axis=1)
        most = np.ones_like(mean)
        most[:, OMNIBUS] = np.maximum(components.degrees, 1)
        degrees = np.clip(2 * mean**2 / np.maximum(variance, 1e-12), 0.05, most)
        rows = float(window.sum(axis=-1).mean())
        more = max(rows - 1, 1.0)
        dispersion = np.maximum((mean - 1) / more, 0.0)
        rare = _rare_dispersion(components, reference, window, new)
        return cls(
            rows=rows,
            blocks=blocks,
            scale=np.maximum(mean, 1.0),
            degrees=degrees,
            dispersion=dispersion,
            rare_dispersion=np.clip(
                np.maximum((rare - 1) / more, dispersion[:, OMNIBUS, None]), 0.0, 1.0
            ),
        )

    def counted(self, window: FloatArray) -> FloatArray:
        """Return counts (inputs, windows, parts, bins) as rows of four times the null's at most."""
        rows = window.sum(axis=(-2, -1), keepdims=True)
        return np.asarray(window * np.minimum(1.0, MOST_ROWS * self.rows / np.maximum(rows, 1)))

    def p(
        self,
        components: Components,
        reference: FloatArray,
        window: FloatArray,
        new: FloatArray | None = None,
    ) -> FloatArray:
        """Return the p-value of each test, (inputs, windows, 5); NaN where an input has none.

        A test without any deviation has none either: its rows are missing, or all alike. Counts
        have the shape (inputs, windows, bins). `new` (inputs, windows) replaces the rows
        with new values, as pseudo-windows need.
        """
        scale = self.scale_at(window.sum(axis=-1))
        d2 = _MANY if np.isinf(self.blocks) else max(self.blocks - 1, 2.0)
        found = components.statistics(reference, window) / scale
        p = np.where(found > 0, f_above(found, self.degrees[:, None], d2), np.nan)
        p[~components.has(1), :, 1:] = np.nan
        return np.concatenate([p, self._rare(components, reference, window, new)], axis=-1)

    def least_effect_p(
        self, components: Components, reference: FloatArray, window: FloatArray, least: float
    ) -> FloatArray:
        """Return the p-value against a population stability index of `least`, (inputs, windows).

        The omnibus statistic against a noncentral chi-square (Potgieter et al. 2023).
        """
        degrees = np.maximum(components.degrees, 1)[:, None]
        scale = self.scale_at(window.sum(axis=-1))[..., OMNIBUS]
        n, m = (np.maximum(counts.sum(axis=-1), 1e-9) for counts in (window, reference))
        found = components.statistics(reference, window)[..., OMNIBUS] * degrees / scale
        return noncentral_chi_square_above(found, degrees, least / (1 / n + 1 / m) / scale)

    def scale_at(self, rows: FloatArray) -> FloatArray:
        """Return the scale for windows of so many rows, (inputs, windows, 3)."""
        here = 1 + np.maximum(rows - 1, 0)[..., None] * self.dispersion[:, None]
        there = 1 + max(self.rows - 1, 0) * self.dispersion
        return np.asarray(self.scale[:, None] * here / there[:, None])

    def _rare(
        self,
        components: Components,
        reference: FloatArray,
        window: FloatArray,
        new: FloatArray | None,
    ) -> FloatArray:
        before, now = components.rare(reference), components.rare(window)
        if new is not None:
            before, now = before.copy(), now.copy()
            before[..., NEW], now[..., NEW] = 0.0, new
        rows = window.sum(axis=-1)[..., None]
        worth = rows / (1 + np.maximum(rows - 1, 0) * self.rare_dispersion[:, None])
        events = now * worth / np.maximum(rows, 1e-300)
        found = rare_p(events, worth, before, reference.sum(axis=-1)[..., None])
        for component in (NEW, MISSING):
            found[~components.has(3 + component), :, component] = np.nan
        return found


def _rare_dispersion(
    components: Components, reference: FloatArray, window: FloatArray, new: FloatArray
) -> FloatArray:
    """Return the mean squared deviation of rare shares, 1 for independent rows; (inputs, 2)."""
    a, b = components.rare(reference).copy(), components.rare(window).copy()
    a[..., NEW], b[..., NEW] = 0.0, new
    m, n = reference.sum(axis=-1)[..., None], window.sum(axis=-1)[..., None]
    pooled = (a + b) / np.maximum(m + n, 1e-300)
    error = pooled * (1 - pooled) * (1 / np.maximum(n, 1e-300) + 1 / np.maximum(m, 1e-300))
    apart = b / np.maximum(n, 1e-300) - a / np.maximum(m, 1e-300)
    squares = np.where(error > 1e-15, apart**2 / np.maximum(error, 1e-15), 0.0)  # noqa: PLR2004
    return np.asarray(squares.mean(axis=1))
