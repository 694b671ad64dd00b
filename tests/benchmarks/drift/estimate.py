"""Estimates before labels of a model of flights, beside the same without bins, and what came."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from benchmarks.drift.days import NUMBERS, year
from perennial.artifacts.profile import AnswerProfile
from perennial.jobs.training import profile as profiles
from perennial.jobs.training.profile import share_profile
from perennial.statistics.estimate import Calibration, decayed, estimated

WINDOW = 5000
METRICS = ("accuracy", "f1", "roc_auc")
LAGS = (1, 4)
THRESHOLD = 0.5
JANUARY_AND_FEBRUARY = 59  # days
UNBINNED, OURS, CORRECTED = "without bins", "Perennial", "corrected by labels {} late"


@dataclass
class Estimates:
    """By metric: mean errors against what came of each estimate, and what bins change at most."""

    errors: dict[str, dict[str, float]]
    difference: dict[str, float]

    def ratio(self, lag: int) -> float:
        """Return the mean over metrics of the corrected error by the error without bins."""
        corrected, plain = self.errors[CORRECTED.format(lag)], self.errors[UNBINNED]
        return float(np.mean([corrected[name] / plain[name] for name in METRICS]))


@dataclass(frozen=True)
class Scored:
    """Scores and labels of rows, in the order of time."""

    scores: np.ndarray
    late: np.ndarray

    def windows(self) -> Iterator["Scored"]:
        for first in range(0, len(self.late) - WINDOW + 1, WINDOW):
            at = slice(first, first + WINDOW)
            yield Scored(self.scores[at], self.late[at])

    def by_bin(self, profile: AnswerProfile) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and positive rows by bin."""
        bins, length = np.searchsorted(profile.edges, self.scores), len(profile.bins)
        rows = np.bincount(bins, minlength=length).astype(float)
        return rows, np.bincount(bins, weights=self.late, minlength=length)


def estimates(*, newest: bool, iterations: int) -> Estimates:
    """Return how estimates for March to December err; `newest` holds out the newest rows."""
    reference, later = _scored(newest=newest, iterations=iterations)
    profile = share_profile(profiles.Scored(reference.scores, reference.late), THRESHOLD)
    rows, positives = reference.by_bin(profile)
    predicted = np.array([*profile.edges, np.inf]) > THRESHOLD
    calibration = Calibration.of(rows, positives, predicted)
    plain = IsotonicRegression(out_of_bounds="clip").fit(reference.scores, reference.late)
    windows = list(later.windows())
    realised = np.array([_realised(window) for window in windows])
    found = {
        UNBINNED: np.array([_unbinned(plain, window) for window in windows]),
        OURS: np.array([_numbers(calibration, window.by_bin(profile)[0]) for window in windows]),
    }
    for lag in LAGS:
        found[CORRECTED.format(lag)] = _corrected(calibration, profile, windows, lag)
    errors = {
        name: dict(zip(METRICS, np.abs(values - realised).mean(axis=0).tolist(), strict=True))
        for name, values in found.items()
    }
    apart = np.abs(found[OURS] - found[UNBINNED]).mean(axis=0).tolist()
    return Estimates(errors, dict(zip(METRICS, apart, strict=True)))


def _scored(*, newest: bool, iterations: int) -> tuple[Scored, Scored]:
    """Return the held-out three tenths of January and February, and all later flights."""
    rows, random = year(), np.random.default_rng(0)
    values, late = rows[list(NUMBERS)].to_numpy(dtype=float), rows["late"].to_numpy(dtype=float)
    carriers = rows[["carrier", "origin"]].apply(lambda column: column.factorize()[0]).to_numpy()
    values = np.hstack([values, carriers])
    first = int((rows["day"] < JANUARY_AND_FEBRUARY).sum())
    order = np.arange(first) if newest else random.permutation(first)
    learned, held_out = order[: int(0.7 * first)], np.sort(order[int(0.7 * first) :])
    model = HistGradientBoostingClassifier(max_iter=iterations, random_state=0)
    model.fit(values[learned], late[learned])
    scores = model.predict_proba(values)[:, 1]
    later = slice(first, None)
    return Scored(scores[held_out], late[held_out]), Scored(scores[later], late[later])


def _realised(window: Scored) -> list[float]:
    predicted = window.scores > THRESHOLD
    return [
        accuracy_score(window.late, predicted),
        f1_score(window.late, predicted),
        roc_auc_score(window.late, window.scores),
    ]


def _unbinned(plain: IsotonicRegression, window: Scored) -> list[float]:
    """Return confidence-based estimates from each row's calibrated score."""
    order = np.argsort(window.scores, kind="stable")
    rates, predicted = plain.predict(window.scores)[order], window.scores[order] > THRESHOLD
    right = np.where(predicted, rates, 1 - rates)
    found, below = (rates * predicted).sum(), np.cumsum(1 - rates) - (1 - rates) / 2
    pairs = rates.sum() * (1 - rates).sum()
    return [
        right.mean(),
        2 * found / (predicted.sum() + rates.sum()),
        (rates * below).sum() / pairs,
    ]


def _numbers(calibration: Calibration, rows: np.ndarray) -> list[float]:
    found = estimated(calibration, rows)
    return [found[name].value for name in METRICS]


def _corrected(
    calibration: Calibration, profile: AnswerProfile, windows: list[Scored], lag: int
) -> np.ndarray:
    labelled = [np.zeros(len(profile.bins))] * 2
    found = []
    for at, window in enumerate(windows):
        if at >= lag:
            arrived = windows[at - lag].by_bin(profile)
            labelled = [decayed(b, w) for b, w in zip(labelled, arrived, strict=True)]
        found.append(_numbers(calibration.corrected(*labelled), window.by_bin(profile)[0]))
    return np.array(found)
