"""The profile of a training: bins by the quantiles of its rows, and how many rows each holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Input, Label, ModelSchema
from perennial.artifacts.profile import (
    MOST_CATEGORIES,
    AnswerProfile,
    CategoryProfile,
    NumberProfile,
    Profile,
)
from perennial.jobs.table.target import Target

Floats = NDArray[np.float64]

_TAILS = (0.005, 0.02, 0.98, 0.995)
_LEVELS = np.unique([*(np.arange(1, 16) / 16), *_TAILS])
_LARGEST = np.finfo(np.float64).max
# ten edges by quantiles of the answers, and nine that versions of one snapshot have in common
_SCORE_LEVELS = np.arange(1, 11) / 11
_SHARES = np.arange(1, 10) / 10
_THRESHOLD = 0.5


def profile_of(
    schema: ModelSchema,
    training: pd.DataFrame,
    held_out: pd.DataFrame,
    answers: Answers,
    targets: Target,
) -> Profile:
    """Return the profile of the training inputs and of the held-out predictions."""
    predicted = _codes(answers.predictions, schema.classes)
    return Profile(
        rows=len(training),
        repeated=int(training[[column.name for column in schema.inputs]].duplicated().sum()),
        numbers=tuple(
            number_profile(column.name, training[column.name]) for column in schema.numbers
        ),
        categories=tuple(
            category_profile(column, training[column.name]) for column in schema.texts
        ),
        held_out=len(held_out),
        classes=None if predicted is None else tuple(_counts(predicted, len(schema.classes or ()))),
        prediction=_prediction(schema, answers, targets),
        confidence=_confidence(schema, answers, targets),
    )


def number_profile(name: str, cells: pd.Series) -> NumberProfile:
    """Return bins with equal shares of the rows, and narrower ones at both ends."""
    values = cells.to_numpy(dtype=np.float64)
    known = values[np.isfinite(values)]
    mean, spread = _moments(known)
    shaped = NumberProfile(name=name, edges=_edges(known), mean=mean, spread=spread, counts=())
    return shaped.model_copy(
        update={"counts": tuple(_counts(shaped.bins_of(values), len(shaped.bins)))}
    )


def category_profile(column: Input, cells: pd.Series) -> CategoryProfile:
    """Return a bin for each of the most frequent values, and bins for all others."""
    found = cells.value_counts()
    # by frequency, then by text: equal rows give equal files
    ranked = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    kept = tuple(str(value) for value, _ in ranked[:MOST_CATEGORIES])
    others = sum(rows for _, rows in ranked[MOST_CATEGORIES:])
    counts = [rows for _, rows in ranked[:MOST_CATEGORIES]]
    return CategoryProfile(
        name=column.name, kept=kept, counts=(*counts, others, 0, int(cells.isna().sum()))
    )


def _moments(known: Floats) -> tuple[float, float]:
    """Return mean and standard deviation; an overflow gives the largest float64."""
    if not len(known):
        return 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = np.nan_to_num([known.mean(), known.std()]).tolist()
    return mean, spread


def _edges(known: Floats) -> tuple[float, ...]:
    if not len(known):
        return ()
    below = max(np.nextafter(known.min(), -np.inf), -_LARGEST)
    inner = np.quantile(known, _LEVELS, method="inverted_cdf")
    return tuple(np.unique([below, *inner, known.max()]).tolist())


@dataclass(frozen=True, slots=True)
class Scored:
    """One number of every answer, and the actual value: 1 if true, or a number; each (rows,)."""

    scores: Floats
    actual: Floats


def predictions_scored(schema: ModelSchema, answers: Answers, targets: Target) -> Scored | None:
    """Return probabilities of the positive class of two, or the numbers of a regression."""
    if schema.classes is None:
        predicted = np.asarray(answers.predictions, dtype=np.float64)
        return Scored(predicted, targets.astype(np.float64))
    if schema.positive_class is None or answers.probabilities is None:
        return None
    positive = schema.classes.index(schema.positive_class)
    actual = targets == np.array([schema.positive_class], targets.dtype)
    return Scored(answers.probabilities[:, positive], actual.astype(np.float64))


def confidence_scored(schema: ModelSchema, answers: Answers, targets: Target) -> Scored | None:
    """Return probabilities of the predicted classes, and whether these were right."""
    predicted = _codes(answers.predictions, schema.classes)
    if answers.probabilities is None or predicted is None:
        return None
    is_right = predicted == _codes(targets.tolist(), schema.classes)
    values = answers.probabilities[np.arange(len(predicted)), predicted]
    return Scored(values, np.asarray(is_right, dtype=np.float64))


def _prediction(schema: ModelSchema, answers: Answers, targets: Target) -> AnswerProfile | None:
    scored = predictions_scored(schema, answers, targets)
    if scored is None:
        return None
    if schema.classes is None or schema.positive_class is None:
        return _numbers(scored)
    # at equal probabilities the first class is predicted, so the edge depends on its position
    is_first = schema.classes.index(schema.positive_class) == 0
    threshold = float(np.nextafter(_THRESHOLD, 0.0)) if is_first else _THRESHOLD
    return share_profile(scored, threshold)


def _confidence(schema: ModelSchema, answers: Answers, targets: Target) -> AnswerProfile | None:
    scored = confidence_scored(schema, answers, targets)
    return None if scored is None else share_profile(scored, _THRESHOLD)


def share_profile(scored: Scored, threshold: float) -> AnswerProfile:
    """Return bins of a share by its quantiles and by tenths, with the threshold as an edge."""
    shares = np.where(_SHARES == _THRESHOLD, threshold, _SHARES)
    inner = np.quantile(scored.scores, _SCORE_LEVELS, method="inverted_cdf")
    edges = np.unique([*inner, *shares])
    bins = np.searchsorted(edges, scored.scores)
    return AnswerProfile(
        edges=tuple(edges.tolist()),
        counts=tuple(_counts(bins, len(edges) + 1)),
        sums=_sums(bins, scored.actual, len(edges) + 1),
    )


def _numbers(scored: Scored) -> AnswerProfile:
    own = np.quantile(scored.scores, _SCORE_LEVELS, method="inverted_cdf")
    shared = np.quantile(scored.actual, _SHARES, method="inverted_cdf")
    edges = np.unique([*own, *shared])
    bins, length = np.searchsorted(edges, scored.scores), len(edges) + 1
    errors = scored.scores - scored.actual
    return AnswerProfile(
        edges=tuple(edges.tolist()),
        counts=tuple(_counts(bins, length)),
        sums=_sums(bins, scored.actual, length),
        absolute_errors=_sums(bins, np.abs(errors), length),
        squared_errors=_sums(bins, _squares(errors), length),
    )


def _codes(
    labels: Sequence[Label | float], classes: Sequence[Label] | None
) -> NDArray[np.intp] | None:
    if classes is None:
        return None
    codes: dict[Label | float, int] = {label: code for code, label in enumerate(classes)}
    return np.array([codes[label] for label in labels], dtype=np.intp)


def _counts(bins: NDArray[np.intp], length: int) -> list[int]:
    counts: list[int] = np.bincount(bins, minlength=length).tolist()
    return counts


def _squares(errors: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return errors**2


def _sums(bins: NDArray[np.intp], values: Floats, length: int) -> tuple[float, ...]:
    summed = np.nan_to_num(np.bincount(bins, weights=values, minlength=length))
    return tuple(summed.tolist())
