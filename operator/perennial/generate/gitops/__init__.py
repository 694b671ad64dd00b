"""Health of the resources for Argo CD and Flux, and actions for Argo CD."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Final, Literal

from perennial.api.kinds import KINDS, MODEL_DEPLOYMENT, Kind
from perennial.api.reasons import Progress
from perennial.api.rollout_status import DecisionVerdict
from perennial.api.schema import API_VERSION, GROUP

FOLDER: Final = Path("charts/gitops")
ARGO_CD: Final = FOLDER / "argocd"
CUSTOMIZATIONS: Final = ARGO_CD / "resource_customizations" / GROUP
CONFIG_MAP: Final = ARGO_CD / "argocd-cm.yaml"
FLUX: Final = FOLDER / "flux/health-check-exprs.yaml"

USER: Final = "argocd@example.com"
"""The user whose name is to be replaced by that of the user of Argo CD."""

WAITS: Final[Mapping[str, tuple[Progress, ...]]] = {
    MODEL_DEPLOYMENT.name: (Progress.PAUSED, Progress.GATE_FAILED, Progress.INCONCLUSIVE),
}
"""Reasons of Reconciling with which an object waits for a person."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action in the menu of Argo CD."""

    verdict: DecisionVerdict
    icon: str
    of: Literal["candidate", "rejected"]
    """Revision in the status that the Decision is about."""

    @property
    def name(self) -> str:
        """The name in Argo CD."""
        return self.verdict.lower()


ACTIONS: Final = (
    Action("Promote", "fa-forward", "candidate"),
    Action("Abort", "fa-backward", "candidate"),
    Action("Pause", "fa-pause", "candidate"),
    Action("Resume", "fa-play", "candidate"),
    Action("Retry", "fa-redo", "rejected"),
)

EXPRESSIONS: Final = {
    "inProgress": "has(status.conditions) && status.conditions.exists(c, "
    "c.type == 'Reconciling' && c.status == 'True')",
    "failed": "has(status.conditions) && status.conditions.exists(c, "
    "c.type == 'Stalled' && c.status == 'True')",
    "current": "has(status.conditions) && status.conditions.exists(c, "
    "c.type == 'Ready' && c.status == 'True')",
}
"""CEL expressions in the order in which Flux evaluates them, after observedGeneration."""

_HERE: Final = Path(__file__).parent


def gitops(header: str) -> dict[Path, str]:
    """Return the files for Argo CD and Flux."""
    health = {kind: _health(kind, header) for kind in KINDS}
    actions = {action: _action(action, header) for action in ACTIONS}
    discovery = _filled("discovery.lua", header=header, actions="".join(map(_entry, ACTIONS)))
    of_deployment = CUSTOMIZATIONS / MODEL_DEPLOYMENT.name / "actions"
    return {
        **{CUSTOMIZATIONS / kind.name / "health.lua": text for kind, text in health.items()},
        **{of_deployment / each.name / "action.lua": text for each, text in actions.items()},
        of_deployment / "discovery.lua": discovery,
        CONFIG_MAP: _config_map(header, health, discovery, actions),
        FLUX: _health_check_expressions(header),
    }


def _health(kind: Kind, header: str) -> str:
    reasons = "".join(f"{reason} = true, " for reason in WAITS.get(kind.name, ()))
    waits = "local waits = {}\n"
    if reasons:
        why = "-- Reasons with which a rollout waits for a person.\n"
        waits = f"{why}local waits = {{ {reasons.removesuffix(', ')} }}\n"
    return _filled("health.lua", header=header, kind=kind.name, waits=waits)


def _entry(action: Action) -> str:
    absent = "without_candidate" if action.of == "candidate" else "without_rejection"
    icon = f'iconClass = "fa fa-fw {action.icon}"'
    return f"  {action.name} = {{ disabled = {absent}, {icon} }},\n"


def _action(action: Action, header: str) -> str:
    subject = "(obj.status or {}).candidate"
    missing = "there is no candidate"
    if action.of == "rejected":
        subject, missing = "((obj.status or {}).rejected or {})[1]", "no revision was rejected"
    return _filled(
        "action.lua",
        header=header,
        verdict=action.verdict,
        action=action.name,
        subject=subject,
        missing=missing,
        by=USER,
        api_version=API_VERSION,
    )


def _config_map(
    header: str, health: Mapping[Kind, str], discovery: str, actions: Mapping[Action, str]
) -> str:
    """Return a patch of the ConfigMap of Argo CD with all scripts."""
    definitions = "".join(
        f"  - name: {action.name}\n    action.lua: |\n{indent(text, ' ' * 6)}"
        for action, text in actions.items()
    )
    scripts = f"discovery.lua: |\n{indent(discovery, '  ')}definitions:\n{definitions}"
    entries = {f"health.{GROUP}_{kind.name}": text for kind, text in health.items()}
    entries[f"actions.{GROUP}_{MODEL_DEPLOYMENT.name}"] = scripts
    data = "".join(
        f"  resource.customizations.{key}: |\n{indent(text, ' ' * 4)}"
        for key, text in entries.items()
    )
    return f"# {header}\ndata:\n{data}"


def _health_check_expressions(header: str) -> str:
    """Return a patch of a Kustomization of Flux with the expressions of all kinds."""
    lines = "".join(f"      {name}: >-\n        {cel}\n" for name, cel in EXPRESSIONS.items())
    entries = "".join(
        f"    - apiVersion: {API_VERSION}\n      kind: {kind.name}\n{lines}" for kind in KINDS
    )
    return f"# {header}\nspec:\n  healthCheckExprs:\n{entries}"


def _filled(template: str, **values: str) -> str:
    return Template((_HERE / template).read_text(encoding="utf-8")).substitute(values)
