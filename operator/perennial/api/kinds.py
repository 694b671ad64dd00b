"""The custom resource kinds of Perennial: their types, names and columns in kubectl."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from perennial.api.dataset import DatasetSpec, DatasetStatus
from perennial.api.decision import DecisionSpec, DecisionStatus
from perennial.api.model import ModelSpec, ModelStatus
from perennial.api.model_deployment import ModelDeploymentSpec, ModelDeploymentStatus
from perennial.api.model_version import ModelVersionSpec, ModelVersionStatus
from perennial.api.names import LONGEST_NAME
from perennial.api.schema import Rule, Spec, Status

CATEGORY: Final = "perennial"
LONGEST_LABEL: Final = 63


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ``kubectl get``."""

    name: str
    path: str
    type: Literal["string", "integer", "date"] = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """JSON paths of the scale subresource."""

    wanted: str
    actual: str
    selector: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of custom resource, as its CustomResourceDefinition presents it."""

    name: str
    plural: str
    description: str
    spec: type[Spec]
    status: type[Status]
    columns: tuple[Column, ...]
    short_names: tuple[str, ...] = ()
    longest_name: int = LONGEST_NAME
    children: str = "Services and Jobs"
    """Objects that are named after one of this kind; empty if there are none."""
    scale: Scale | None = None
    selectable: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        """The singular name in kubectl."""
        return self.name.lower()

    @property
    def stem(self) -> str:
        """The name of the kind's module or folder in every package."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules on the object's name: its children are named and labelled after it."""
        reason = f": {self.children} are named after it" if self.children else ""
        return (
            Rule(
                "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
                f"metadata.name must start with a letter and contain only a-z, 0-9 and '-'{reason}",
            ),
            Rule(
                f"self.metadata.name.size() <= {self.longest_name}",
                f"metadata.name must have at most {self.longest_name} characters{reason}",
            ),
        )


def _condition(aspect: str, part: str) -> str:
    return f'.status.conditions[?(@.type=="{aspect}")].{part}'


_READY = Column("Ready", _condition("Ready", "status"))
_REASON = Column("Reason", _condition("Ready", "reason"))
_MESSAGE = Column("Message", _condition("Ready", "message"), wide=True)
_AGE = Column("Age", ".metadata.creationTimestamp", "date")

DATASET: Final = Kind(
    name="Dataset",
    plural="datasets",
    description="A contract for a table of data, and the verified snapshots taken under it.",
    spec=DatasetSpec,
    status=DatasetStatus,
    columns=(
        _READY,
        _REASON,
        Column("Rows", ".status.snapshot.rows", "integer"),
        Column("Taken", ".status.snapshot.takenAt", "date"),
        _AGE,
        _MESSAGE,
    ),
    short_names=("dset",),
)
MODEL: Final = Kind(
    name="Model",
    plural="models",
    description="A model to train from a Dataset: the recipe, the target and the quality required.",
    spec=ModelSpec,
    status=ModelStatus,
    columns=(
        _READY,
        _REASON,
        Column("Current", ".status.currentVersion"),
        Column("Versions", ".status.versions", "integer"),
        _AGE,
        Column("Latest-Ready", ".status.latestReady", wide=True),
        _MESSAGE,
    ),
    short_names=("mdl",),
)
MODEL_VERSION: Final = Kind(
    name="ModelVersion",
    plural="modelversions",
    description="One trained artifact with the inputs that produced it. Created by the operator.",
    spec=ModelVersionSpec,
    status=ModelVersionStatus,
    columns=(
        Column("Model", ".spec.model.name"),
        Column("Number", ".spec.number", "integer"),
        _READY,
        Column("Headline", ".status.headline"),
        Column("Tier", ".spec.artifact.tier"),
        _REASON,
        _AGE,
        _MESSAGE,
    ),
    short_names=("mver",),
    longest_name=LONGEST_LABEL,
    selectable=(".spec.model.name",),
)
MODEL_DEPLOYMENT: Final = Kind(
    name="ModelDeployment",
    plural="modeldeployments",
    description="Serves one version of a Model, and rolls out new versions safely.",
    spec=ModelDeploymentSpec,
    status=ModelDeploymentStatus,
    columns=(
        _READY,
        Column("Stable", ".status.stable.version"),
        Column("Candidate", ".status.candidate.version"),
        Column("Weight", ".status.candidate.weight", "integer"),
        Column("Replicas", ".status.replicas", "integer"),
        _REASON,
        _AGE,
        _MESSAGE,
    ),
    short_names=("mdeploy",),
    scale=Scale(".spec.replicas", ".status.replicas", ".status.selector"),
)
DECISION: Final = Kind(
    name="Decision",
    plural="decisions",
    description="A person's decision about a rollout: immutable, attributed, applied at most once.",
    spec=DecisionSpec,
    status=DecisionStatus,
    columns=(
        Column("Subject", ".spec.subject.name"),
        Column("Verdict", ".spec.verdict"),
        Column("By", ".spec.by"),
        _READY,
        _REASON,
        _AGE,
        Column("Revision", ".spec.subject.revision", wide=True),
        _MESSAGE,
    ),
    short_names=("dec",),
    longest_name=LONGEST_LABEL,
    children="",
    selectable=(".spec.subject.name",),
)

KINDS: Final = (DATASET, MODEL, MODEL_VERSION, MODEL_DEPLOYMENT, DECISION)
