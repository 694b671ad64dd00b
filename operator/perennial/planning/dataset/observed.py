"""Everything that the decision about a Dataset may depend on."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.configuration import Configuration
from perennial.api.dataset import DatasetSpec, DatasetStatus
from perennial.api.scalars import Digest
from perennial.api.tasks import SnapshotReport
from perennial.planning.job.attempt import Attempt


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    namespace: str
    generation: int
    spec: DatasetSpec
    contract: Digest
    """Digest of the contract."""
    status: DatasetStatus
    attempts: tuple[Attempt[SnapshotReport], ...]
    wanted_since: datetime | None
    """The newest trigger of a retraining that waits for rows at least as new."""
    free_slots: int
    configuration: Configuration
    now: datetime
