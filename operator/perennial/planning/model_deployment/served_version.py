"""Which ModelVersion a ModelDeployment should serve."""

from collections.abc import Sequence
from dataclasses import dataclass

from perennial.api.conditions import Condition, ConditionType
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import LATEST, ServedModel
from perennial.api.reasons import SpecReason
from perennial.planning.model_version.version import Version


@dataclass(frozen=True, slots=True)
class Missing:
    """Why no version can be served, and what to do about it."""

    reason: SpecReason
    message: str


def choose(
    served: ServedModel,
    model: ModelStatus | None,
    versions: Sequence[Version],
    stable: str | None,
) -> Version | Missing:
    """Return the version to serve; the `stable` one need not be Ready any more."""
    if model is None:
        return Missing(
            SpecReason.MODEL_NOT_FOUND,
            f"there is no Model {served.name} in this namespace: "
            "create it, or correct spec.model.name",
        )
    if served.version == LATEST:
        return _latest(served.name, model, versions, stable)
    return _pinned(served, versions, stable)


def _pinned(
    served: ServedModel, versions: Sequence[Version], stable: str | None
) -> Version | Missing:
    version = next((each for each in versions if each.name == served.version), None)
    if version is None or version.model != served.name:
        return Missing(
            SpecReason.VERSION_NOT_FOUND,
            f"Model {served.name} has no ModelVersion {served.version}: "
            "correct spec.model.version, or set it to Latest",
        )
    if version.is_ready or version.name == stable:
        return version
    verdict = version.message_of(ConditionType.READY, "False") or "it is being judged"
    return Missing(
        SpecReason.VERSION_NOT_READY,
        f"ModelVersion {version.name} may not be served: {verdict}",
    )


def _latest(
    name: str, model: ModelStatus, versions: Sequence[Version], stable: str | None
) -> Version | Missing:
    own = [version for version in versions if version.model == name]
    ready = [version for version in own if version.is_ready]
    current = [version for version in ready if version.name == model.current_version]
    # A gate that was tightened later never replaces the version that serves by an older one.
    kept = [version for version in own if version.name == stable]
    by_preference = current or [*ready, *kept]
    if by_preference:
        return max(by_preference, key=lambda version: version.number)
    return Missing(
        SpecReason.NO_VERSION, f"Model {name} has no version that is Ready{_cause(model)}"
    )


def _cause(model: ModelStatus) -> str:
    conditions: tuple[Condition, ...] = model.conditions
    ready = next((each for each in conditions if each.type == ConditionType.READY), None)
    return f" ({ready.reason}: {ready.message})" if ready and ready.status != "True" else ""
