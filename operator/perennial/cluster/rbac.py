"""Every verb that the operator uses, as data: the chart's roles are rendered from this table."""

from typing import Final, NamedTuple

from perennial.api.schema import GROUP


class RbacRule(NamedTuple):
    """What may be done to some resources, in the words of a Role."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    def manifest(self) -> dict[str, list[str]]:
        """Return the rule as it stands in a Role or ClusterRole."""
        return {
            "apiGroups": list(self.api_groups),
            "resources": list(self.resources),
            "verbs": list(self.verbs),
        }


_LOOK: Final = ("get", "list", "watch")
_OWN: Final = (*_LOOK, "create", "patch", "delete")

RULES: Final[tuple[RbacRule, ...]] = (
    RbacRule((GROUP,), ("datasets", "models", "modeldeployments"), _LOOK),
    RbacRule((GROUP,), ("modelversions",), (*_LOOK, "create", "delete")),
    RbacRule(
        (GROUP,),
        ("datasets/status", "models/status", "modelversions/status", "modeldeployments/status"),
        ("patch",),
    ),
    RbacRule(("batch",), ("jobs",), _OWN),
    RbacRule(("apps",), ("deployments",), _OWN),
    RbacRule(("",), ("services",), _OWN),
    RbacRule(("policy",), ("poddisruptionbudgets",), _OWN),
    RbacRule(("",), ("pods",), _LOOK),
    RbacRule(("",), ("secrets",), ("create",)),
    RbacRule(("",), ("events",), ("get", "list", "create", "patch")),
)
"""In every namespace that is watched."""

LEADER_RULES: Final[tuple[RbacRule, ...]] = (
    RbacRule(("coordination.k8s.io",), ("leases",), ("get", "create", "update")),
)
"""In the operator's own namespace."""
