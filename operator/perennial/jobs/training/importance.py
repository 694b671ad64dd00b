"""Importance of each input: what the headline metric loses when its values are shuffled."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from perennial.api.model import Metric
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.profile import Profile
from perennial.jobs.evaluation.headline import score_of
from perennial.jobs.evaluation.metrics import metric_function
from perennial.jobs.evaluation.predictions import predictions_of
from perennial.jobs.table.rows import Rows

MOST_ROWS: Final = 5000
_MOST_CELLS: Final = 1_000_000  # predicted rows over all inputs, for wide tables
_DIGITS: Final = 6


def importances(
    trained: TrainedPipeline, rows: Rows, metric: Metric, seed: int
) -> Mapping[str, float]:
    """Return the permutation importance of each input (Breiman 2001), by name.

    It is a difference of the metric, above 0 if the model needs the input, measured on a random
    sample of 5,000 rows or fewer. An input for which the metric is undefined is left out.
    """
    random = np.random.default_rng(seed)
    names = [column.name for column in trained.schema.inputs]
    most = min(MOST_ROWS, _MOST_CELLS // max(len(names), 1))
    if len(rows.target) > most:
        rows = rows.take(np.sort(random.choice(len(rows.target), most, replace=False)))
    before = _score(trained, rows, metric)
    found = {}
    for name in names:
        order = random.permutation(len(rows.target))
        frame = rows.frame.copy()
        frame[name] = rows.frame[name].iloc[order].set_axis(frame.index)
        lost = before - _score(trained, Rows(frame, rows.target, None), metric)
        if np.isfinite(lost):
            found[name] = float(f"{lost:.{_DIGITS}g}")
    return found


def with_importances(profile: Profile, found: Mapping[str, float]) -> Profile:
    """Return the profile with the importance of each input."""
    numbers, categories = (
        tuple(each.model_copy(update={"importance": found.get(each.name)}) for each in inputs)
        for inputs in (profile.numbers, profile.categories)
    )
    return profile.model_copy(update={"numbers": numbers, "categories": categories})


def _score(trained: TrainedPipeline, rows: Rows, metric: Metric) -> float:
    predictions = predictions_of(trained, rows, trained.answer(rows.frame))
    values = metric_function(predictions)(np.ones(len(rows.target)))
    return score_of(metric, values.get(metric, np.nan))
