"""The inputs and the target of a model among the columns of a snapshot."""

from perennial.api.dataset import Role
from perennial.api.parameter_forms import listed
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.model_schema import Input
from perennial.artifacts.snapshot import SnapshotColumn, SnapshotManifest
from perennial.jobs.report import JobFailure

_FITTING = {
    Problem.CLASSIFICATION: ("Boolean", "Category", "Integer"),
    Problem.REGRESSION: ("Number", "Integer"),
}


def inputs_of(snapshot: SnapshotManifest, task: TrainingTask) -> tuple[Input, ...]:
    """Return the columns with role Feature, except the target and the timeColumn."""
    excluded = {task.target, task.snapshot.time_column}
    excluded |= {name for name, role in task.snapshot.roles.items() if role is not Role.FEATURE}
    inputs = tuple(
        Input(name=column.name, type=column.type, nullable=column.nullable)
        for column in snapshot.columns
        if column.name not in excluded
    )
    if not inputs:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            "no column is left to learn from: all but spec.target and the timeColumn have a role "
            "other than Feature; change spec.columns of the Dataset",
            in_spec=True,
        )
    return inputs


def target_of(snapshot: SnapshotManifest, task: TrainingTask) -> SnapshotColumn:
    """Return the target column; raise if it is missing or does not fit the problem."""
    target = _named(snapshot, task.target, "spec.target", JobReason.INVALID_TARGET)
    if task.target == task.snapshot.time_column:
        raise _unfit(task, "it is the Dataset's timeColumn; take another column")
    if target.type not in _FITTING[task.problem]:
        wanted = " or ".join(_FITTING[task.problem])
        raise _unfit(
            task,
            f"its type is {target.type}, and problem: {task.problem} learns {wanted}; "
            "change spec.problem, or the column's type in the Dataset",
        )
    return target


def check_group(snapshot: SnapshotManifest, task: TrainingTask) -> None:
    """Raise if the spec names a group column that the Dataset does not have."""
    if task.split.column is not None:
        path = "spec.training.split.column"
        _named(snapshot, task.split.column, path, JobReason.INVALID_SPEC)


def _named(snapshot: SnapshotManifest, name: str, path: str, reason: JobReason) -> SnapshotColumn:
    for column in snapshot.columns:
        if column.name == name:
            return column
    names = listed(column.name for column in snapshot.columns)
    raise JobFailure(
        reason, f"{path}: the Dataset has no column {name}; it has {names}", in_spec=True
    )


def _unfit(task: TrainingTask, why: str) -> JobFailure:
    message = f"spec.target: {task.target} cannot be learned: {why}"
    return JobFailure(JobReason.INVALID_TARGET, message, in_spec=True)
