"""Which rows are held out of training: pure functions from columns to a mask of rows."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.jobs.report import JobFailure

Mask = NDArray[np.bool_]


def method_of(task: TrainingTask) -> Literal["Time", "Random", "Group"]:
    """Return how the rows are split: as the spec says, else by time where rows have one."""
    method = task.split.method
    if method == "Time" and task.snapshot.time_column is None:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            "spec.training.split.method: Time needs a timeColumn in the Dataset; name it there, "
            "or take method: Random",
            in_spec=True,
        )
    return method or ("Time" if task.snapshot.time_column else "Random")


def newest(moments: NDArray[np.datetime64], share: float) -> Mask:
    """Hold out the newest rows; rows of one moment stay together, on the side nearer to the share.

    No mask is true nowhere or everywhere unless all rows are of one moment.
    """
    ordered = np.sort(moments)
    wanted = _count(len(ordered), share)
    boundary = ordered[len(ordered) - wanted]
    with_boundary: Mask = moments >= boundary
    without: Mask = moments > boundary
    if _is_nearer(without, with_boundary, wanted):
        return without
    return with_boundary


def _is_nearer(first: Mask, second: Mask, wanted: int) -> bool:
    if not first.any() or second.all():
        return bool(first.any())
    return abs(int(first.sum()) - wanted) < abs(int(second.sum()) - wanted)


def scattered(rows: int, share: float, seed: int) -> Mask:
    """Hold out rows by lot."""
    chosen = np.random.default_rng(seed).permutation(rows)[: _count(rows, share)]
    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    return mask


def whole_groups(groups: Sequence[str], share: float, seed: int) -> Mask:
    """Hold out whole groups, in an order drawn by the seed, until the share is reached."""
    names, members = np.unique(np.array(groups, dtype=object), return_inverse=True)
    sizes = np.bincount(members)
    order = sorted(range(len(names)), key=lambda one: _lot(str(names[one]), seed))
    wanted = _count(len(members), share)
    before = np.cumsum(sizes[order]) - sizes[order]
    held_out = [one for one, already in zip(order, before, strict=True) if already < wanted]
    return np.isin(members, held_out[: len(names) - 1])


def _lot(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def _count(rows: int, share: float) -> int:
    """Return how many rows the share is: at least one, and one stays."""
    return min(max(round(rows * share), 1), max(rows - 1, 1))
