"""Everything that the decision about a Model may depend on."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.configuration import Configuration
from perennial.api.model import ModelSpec, ModelStatus
from perennial.api.tasks import TrainingReport
from perennial.planning.job.attempt import Attempt
from perennial.planning.model.inputs import (
    Data,
    Unusable,
)
from perennial.planning.model_version.version import Version


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    namespace: str
    generation: int
    spec: ModelSpec
    status: ModelStatus
    mistakes: tuple[str, ...]
    """Mistakes in the recipe that show without training."""
    revision: str | None
    """Source revision of the manifest."""
    data: Data | Unusable
    versions: tuple[Version, ...]
    served: frozenset[str]
    """Versions that a ModelDeployment serves, rolls out or pins."""
    attempts: tuple[Attempt[TrainingReport], ...]
    free_slots: int
    configuration: Configuration
    now: datetime
