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


def due_or_fresh(observed: Observed) -> Due | Snapshot:
    """Return the snapshot to take now or, if none is due, the newest one."""
    newest = observed.status.snapshot
    if newest is None:
        return Due(Progress.FIRST_SNAPSHOT, digest_of([observed.contract, "first"]))
    return next((due for check in CHECKS if (due := check(observed, newest))), newest)


def contract_changed(observed: Observed, newest: Snapshot) -> Due | None:
    """The newest snapshot was taken under another contract."""
    if newest.contract == observed.contract:
        return None
    return Due(Progress.CONTRACT_CHANGED, _trigger(observed.contract, newest))


def refresh_due(observed: Observed, newest: Snapshot) -> Due | None:
    """The newest snapshot is older than the refresh interval."""
    wait = until_refresh(observed, newest)
    if wait is None or wait > timedelta(0):
        return None
    return Due(Progress.REFRESH_DUE, _trigger(observed.contract, newest))


def retraining_due(observed: Observed, newest: Snapshot) -> Due | None:
    """A Model waits for newer rows. A refresh of the same moment is the same occasion."""
    if observed.wanted_since is None or newest.taken_at >= observed.wanted_since:
        return None
    return Due(Progress.RETRAINING_DUE, _trigger(observed.contract, newest))


CHECKS: tuple[Callable[[Observed, Snapshot], Due | None], ...] = (
    contract_changed,
    refresh_due,
    retraining_due,
)
"""Why the newest snapshot needs to be replaced, in order."""


def until_refresh(observed: Observed, newest: Snapshot) -> timedelta | None:
    """Return the time until the next refresh, negative once it is due; None without a refresh."""
    refresh = observed.spec.refresh
    return newest.taken_at + to_timedelta(refresh.every) - observed.now if refresh else None


def _trigger(contract: Digest, replaced: Snapshot) -> Digest:
    return digest_of([contract, replaced.digest, to_timestamp(replaced.taken_at)])
