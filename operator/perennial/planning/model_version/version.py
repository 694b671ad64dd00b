"""A ModelVersion as the plans of other kinds see it."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.conditions import ConditionType, Truth
from perennial.api.model_version import Artifact, ModelVersionSpec, ModelVersionStatus
from perennial.api.scalars import Digest


@dataclass(frozen=True, slots=True)
class Version:
    """One ModelVersion."""

    name: str
    uid: str
    spec: ModelVersionSpec
    status: ModelVersionStatus
    created_at: datetime | None = None
    """When the training ended; None only in a manifest that the API server has not completed."""

    @property
    def model(self) -> str:
        """Return the name of its Model."""
        return self.spec.model.name

    @property
    def number(self) -> int:
        """Return its sequence number within its Model."""
        return self.spec.number

    @property
    def artifact(self) -> Artifact:
        """Return its artifact."""
        return self.spec.artifact

    @property
    def is_ready(self) -> bool:
        """Return whether it may be served."""
        return self.message_of(ConditionType.READY) is not None

    def message_of(self, kind: ConditionType, status: Truth = "True") -> str | None:
        """Return the message of a condition with this status; None if there is no such one."""
        for condition in self.status.conditions:
            if condition.type == kind and condition.status == status:
                return condition.message
        return None

    def is_judged_by(self, policy: Digest) -> bool:
        """Return whether it was judged by the gates with this digest."""
        report = self.status.validation
        return report is not None and report.policy_digest == policy
