"""Hyperparameter search by cross-validation on the training rows."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    ParameterGrid,
    ParameterSampler,
    StratifiedKFold,
    TimeSeriesSplit,
)

from perennial.api.model import Metric, Search
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.evaluation.headline import score_of
from perennial.jobs.evaluation.metrics import metric_function
from perennial.jobs.evaluation.predictions import predictions_of
from perennial.jobs.progress import log_progress
from perennial.jobs.recipe.design import Design
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.recipe.threads import reproducible
from perennial.jobs.report import JobFailure
from perennial.jobs.table.rows import Rows
from perennial.jobs.table.split import method_of

Candidate = Mapping[str, str]
Positions = NDArray[np.int64]
Fold = tuple[Positions, Positions]


@dataclass(frozen=True, slots=True)
class Trial:
    """Design, rows, metric and folds that all candidates share."""

    design: Design
    rows: Rows
    metric: Metric
    folds: tuple[Fold, ...]

    def score(self, candidate: Candidate) -> float:
        """Return the mean score over the folds; higher is better."""
        with reproducible():
            values = [self._value(candidate, fold) for fold in self.folds]
        mean = float(np.mean(values))
        log_progress(f"{dict(candidate)}: {self.metric} {mean:.6g}")
        return score_of(self.metric, mean)

    def _value(self, candidate: Candidate, fold: Fold) -> float:
        training, validation = (self.rows.take(positions) for positions in fold)
        pipeline = fitted(self.design.with_parameters(candidate), training)
        trained = TrainedPipeline(self.design.schema, pipeline)
        predictions = predictions_of(trained, validation, trained.answer(validation.frame))
        return metric_function(predictions)(np.ones(len(validation.target)))[self.metric]


def best_of(search: Search, trial: Trial, workers: int) -> Candidate:
    """Return the candidate with the best score; the first of equals."""
    candidates = list(_candidates(search, trial.design.seed))
    with ThreadPoolExecutor(workers) as pool:
        scores = list(pool.map(trial.score, candidates))
    return candidates[int(np.argmax(scores))]


def folds_of(task: TrainingTask, search: Search, rows: Rows) -> tuple[Fold, ...]:
    """Return the folds whose training and validation rows both contain every class."""
    try:
        folds = tuple(_splits(task, search.folds, rows))
    except ValueError as error:  # fewer rows, groups or members of a class than folds
        raise _no_folds(str(error)) from error
    everything = np.unique(rows.target)
    if task.problem is Problem.CLASSIFICATION:
        folds = tuple(
            fold
            for fold in folds
            if all(len(np.unique(rows.target[part])) == len(everything) for part in fold)
        )
    if not folds:
        raise _no_folds("no fold has every class both to learn from and to judge by")
    return folds


def _splits(task: TrainingTask, folds: int, rows: Rows) -> Iterator[Fold]:
    seed = task.split.seed
    match method_of(task):
        case "Time":  # rows are sorted by time, so each fold is validated on later rows
            yield from TimeSeriesSplit(folds).split(rows.frame)
        case "Group":
            yield from GroupKFold(folds).split(rows.frame, groups=rows.groups)
        case "Random" if task.problem is Problem.CLASSIFICATION:
            stratified = StratifiedKFold(folds, shuffle=True, random_state=seed)
            yield from stratified.split(rows.frame, rows.target)
        case "Random":
            yield from KFold(folds, shuffle=True, random_state=seed).split(rows.frame)


def _candidates(search: Search, seed: int) -> Iterator[Candidate]:
    """Yield all combinations, or a random sample without repetition if there are too many."""
    grid = ParameterGrid({key: list(texts) for key, texts in search.parameters.items()})
    if len(grid) <= search.max_candidates:
        return iter(grid)
    return iter(ParameterSampler(grid.param_grid[0], search.max_candidates, random_state=seed))


def _no_folds(why: str) -> JobFailure:
    return JobFailure(
        JobReason.INVALID_SPEC,
        f"spec.training.recipe.search.folds: {why}; take fewer folds, or more rows",
        in_spec=True,
    )
