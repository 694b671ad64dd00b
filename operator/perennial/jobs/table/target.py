"""The target of a model, and the checks that it can be learned."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.api.parameter_forms import listed
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.model_schema import Label, label_text
from perennial.jobs.report import JobFailure

Target = NDArray[np.float64] | NDArray[np.bool_] | NDArray[np.int64] | NDArray[np.object_]

MOST_CLASSES = 256
_FEWEST_ROWS = 10
_POSITIVE_TEXTS = ("true", "1")


def target_values(cells: pa.ChunkedArray, problem: Problem) -> Target:
    """Return the target for scikit-learn: bool, int or str labels, or float64 numbers."""
    if problem is Problem.REGRESSION:
        return np.array(cells.cast(pa.float64()).to_numpy())
    if pa.types.is_string(cells.type):
        return np.array(cells.to_pylist(), dtype=object)
    return np.array(cells.to_numpy())


def classes_of(target: Target) -> tuple[Label, ...]:
    """Return the labels in the order of scikit-learn's classes_."""
    return tuple(np.unique(target).tolist())


def positive_class(classes: Sequence[Label], named: str | None) -> Label | None:
    """Return the positive one of two classes: defaults to true, 1 or else the last class."""
    by_text = {label_text(label): label for label in classes}
    if len(classes) != 2:  # noqa: PLR2004 - positive or not
        if named is None:
            return None
        raise _not_positive(f"the target has {len(classes)} classes, not two; remove it")
    if named is None:
        return next((by_text[text] for text in _POSITIVE_TEXTS if text in by_text), classes[-1])
    if named not in by_text:
        raise _not_positive(f"the target has no class {named}; it has {listed(by_text)}")
    return by_text[named]


def _not_positive(why: str) -> JobFailure:
    return JobFailure(JobReason.INVALID_SPEC, f"spec.positiveClass: {why}", in_spec=True)


def check_rows(task: TrainingTask, cells: pa.ChunkedArray) -> None:
    """Raise if too few rows have a target, or its classes cannot be learned."""
    known = len(cells) - cells.null_count
    if known == 0:
        raise _unfit(task, "every row lacks it; correct the Dataset's source")
    if known < _FEWEST_ROWS:
        raise _unfit(task, f"only {known} rows have it, at least {_FEWEST_ROWS} are needed")
    if task.problem is Problem.CLASSIFICATION:
        _check_classes(task, cells)


def check_parts(task: TrainingTask, cells: pa.ChunkedArray, held_out: NDArray[np.bool_]) -> None:
    """Raise unless both parts contain every class."""
    if task.problem is Problem.REGRESSION:
        return
    parts = {"training": ~held_out, "held-out": held_out}
    classes = set(cells.unique().to_pylist())
    for name, mask in parts.items():
        missing = classes - set(cells.filter(pa.array(mask)).unique().to_pylist())
        if missing:
            labels = listed(sorted(label_text(label) for label in missing))
            raise _unfit(
                task,
                f"no row of the {name} part is {labels}; widen the Dataset's window, change "
                "spec.training.split, or join rare classes",
            )


def _check_classes(task: TrainingTask, cells: pa.ChunkedArray) -> None:
    classes = cells.drop_null().unique().to_pylist()
    if len(classes) == 1:
        label = label_text(classes[0])
        raise _unfit(task, f"it is {label} in every row; it needs at least two classes")
    if len(classes) > MOST_CLASSES:
        raise _unfit(
            task,
            f"it has {len(classes)} classes, at most {MOST_CLASSES} can be learned; is it an "
            "identifier, or is this a Regression?",
        )


def _unfit(task: TrainingTask, why: str) -> JobFailure:
    message = f"spec.target: {task.target} cannot be learned: {why}"
    return JobFailure(JobReason.INVALID_TARGET, message, in_spec=True)
