"""What a Model learns from now, its identity, and the request that stays on the training Job."""

from dataclasses import dataclass

from pydantic.types import JsonValue

from perennial.api.dataset import DatasetSpec, Role, Snapshot
from perennial.api.digests import digest_of
from perennial.api.model import ModelSpec, Split
from perennial.api.model_version import DatasetInput
from perennial.api.reasons import SpecReason
from perennial.api.retraining import Trigger
from perennial.api.scalars import ColumnName, Digest, ImageReference, Name, Word
from perennial.api.schema import Spec
from perennial.api.tasks import ColumnLimits

_LEARNED = {"target", "problem", "positive_class", "metric"}


@dataclass(frozen=True, slots=True)
class Data:
    """A Dataset as a training sees it."""

    name: str
    spec: DatasetSpec
    contract: Digest
    snapshot: Snapshot | None
    ready_reason: str
    """Reason of its Ready condition."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a Dataset cannot be learned from, and what to do about it."""

    reason: SpecReason
    message: str


class TrainingRequest(Spec):
    """The inputs that a training began with: Model and Dataset may change before it ends."""

    inputs: Digest
    """Identity of everything that is learned from."""
    training: Digest
    """Identity of the recipe, the split and the seed."""
    dataset: DatasetInput
    """The snapshot."""
    image: ImageReference
    """Image that trains."""
    seed: int
    """Seed of every random choice."""
    store: Name
    """Name of the object store that gets the artifact."""
    revision: Word | None = None
    """Where the Model's manifest came from."""
    trigger: Trigger | None = None
    """Cause of a retraining."""


def training_digest(model: ModelSpec, dataset: DatasetSpec) -> Digest:
    """Return the digest of how a Model learns: equal ones learn the same from equal rows."""
    learned = model.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=_LEARNED)
    return digest_of(
        {
            **learned,
            "recipe": _dump(model.training.recipe),
            "split": _dump(resolved_split(model, dataset)),
            "roles": {name: str(role) for name, role in roles(dataset).items()},
            "timeColumn": dataset.time_column,
        }
    )


def inputs_digest(training: Digest, snapshot: Digest) -> Digest:
    """Return the digest of everything that a version is made from."""
    return digest_of({"training": training, "snapshot": snapshot})


def resolved_split(model: ModelSpec, dataset: DatasetSpec) -> Split:
    """Return the split with its method, which defaults to Time for a Dataset with a time column."""
    split = model.training.split
    usual = "Time" if dataset.time_column else "Random"
    return split.model_copy(update={"method": split.method or usual})


def roles(dataset: DatasetSpec) -> dict[ColumnName, Role]:
    """Return the roles of the columns that are no features."""
    return {
        column.name: column.role for column in dataset.columns if column.role is not Role.FEATURE
    }


def limits(dataset: DatasetSpec) -> tuple[ColumnLimits, ...]:
    """Return the limits that the contract sets for features."""
    stated = (
        ColumnLimits(
            name=column.name,
            minimum=column.minimum,
            maximum=column.maximum,
            allowed_values=column.allowed_values,
        )
        for column in dataset.columns
        if column.role is Role.FEATURE
    )
    return tuple(each for each in stated if each != ColumnLimits(name=each.name))


def _dump(part: Spec) -> JsonValue:
    dumped: JsonValue = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return dumped
