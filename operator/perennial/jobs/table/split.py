"""The held-out split: pure functions from columns to a mask of rows, True where held out."""

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
    """Return the method of the spec; defaults to Time if the Dataset has a timeColumn."""
    method = task.split.method
    if method == "Time" and task.snapshot.time_column is None:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            "spec.training.split.method: Time needs a timeColumn in the Dataset; name it there, "
            "or take method: Random",
            in_spec=True,
        )
    return method or ("Time" if task.snapshot.time_column else "Random")


def newest_rows(moments: NDArray[np.datetime64], share: float) -> Mask:
    """Hold out the newest rows; rows with equal times stay together, closest to the share.

    Both parts have rows unless all times are equal.
    """
    ordered = np.sort(moments)
    wanted = _count(len(ordered), share)
    boundary = ordered[len(ordered) - wanted]
    with_boundary: Mask = moments >= boundary
    without: Mask = moments > boundary
    if _is_closer(without, with_boundary, wanted):
        return without
    return with_boundary


def _is_closer(first: Mask, second: Mask, wanted: int) -> bool:
    if not first.any() or second.all():
        return bool(first.any())
    return abs(int(first.sum()) - wanted) < abs(int(second.sum()) - wanted)


def random_rows(rows: int, share: float, seed: int) -> Mask:
    """Hold out a random sample of the rows."""
    chosen = np.random.default_rng(seed).permutation(rows)[: _count(rows, share)]
    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    return mask


def random_groups(groups: Sequence[str], share: float, seed: int) -> Mask:
    """Hold out whole groups, in a random order, until the share of rows is reached."""
    names, members = np.unique(np.array(groups, dtype=object), return_inverse=True)
    sizes = np.bincount(members)
    order = sorted(range(len(names)), key=lambda group: _order_key(str(names[group]), seed))
    wanted = _count(len(members), share)
    before = np.cumsum(sizes[order]) - sizes[order]
    held_out = [group for group, rows in zip(order, before, strict=True) if rows < wanted]
    return np.isin(members, held_out[: len(names) - 1])


def _order_key(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def _count(rows: int, share: float) -> int:
    """Return the number of held-out rows; both parts keep at least one row."""
    return min(max(round(rows * share), 1), max(rows - 1, 1))
