"""Whether a snapshot is due, and its trigger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from perennial.api.dataset import Snapshot
from perennial.api.digests import digest_of
from perennial.api.reasons import Progress
from perennial.api.scalars import Digest
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.dataset.observed import Observed


@dataclass(frozen=True, slots=True)
class Due:
    """A snapshot to take now."""

    reason: Progress
    trigger: Digest
    """Makes the names of its Jobs unique: the contract, and the snapshot that it replaces."""


Check = Callable[[Observed], Due | None]


def never_taken(observed: Observed) -> Due | None:
    """There is no snapshot yet."""
    if observed.status.snapshot is None:
        return Due(Progress.FIRST_SNAPSHOT, digest_of([observed.contract, "first"]))
    return None


def contract_changed(observed: Observed) -> Due | None:
    """The newest snapshot was taken under another contract."""
    snapshot = observed.status.snapshot
    if snapshot and snapshot.contract != observed.contract:
        return Due(Progress.CONTRACT_CHANGED, _trigger(observed.contract, snapshot))
    return None


def refresh_due(observed: Observed) -> Due | None:
    """The newest snapshot is older than the refresh interval."""
    wait = until_refresh(observed)
    if observed.status.snapshot and wait is not None and wait <= timedelta(0):
        trigger = _trigger(observed.contract, observed.status.snapshot)
        return Due(Progress.REFRESH_DUE, trigger)
    return None


DUE: tuple[Check, ...] = (never_taken, contract_changed, refresh_due)


def due_now(observed: Observed) -> Due | None:
    """Return the snapshot to take now, by the first check that applies."""
    return next((due for check in DUE if (due := check(observed))), None)


def until_refresh(observed: Observed) -> timedelta | None:
    """Return the time until the next refresh, negative once it is due; None without a refresh."""
    snapshot, refresh = observed.status.snapshot, observed.spec.refresh
    if snapshot is None or refresh is None:
        return None
    return snapshot.taken_at + to_timedelta(refresh.every) - observed.now


def _trigger(contract: Digest, replaced: Snapshot) -> Digest:
    return digest_of([contract, replaced.digest, to_timestamp(replaced.taken_at)])
