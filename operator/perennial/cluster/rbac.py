"""The verbs that the operator uses; the chart's roles are generated from this table."""

from typing import Final, NamedTuple

from perennial.api.schema import GROUP


class RbacRule(NamedTuple):
    """The verbs that are allowed on some resources, as in a Role."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    def manifest(self) -> dict[str, list[str]]:
        """Return the rule as an entry of a Role or ClusterRole."""
        return {
            "apiGroups": list(self.api_groups),
            "resources": list(self.resources),
            "verbs": list(self.verbs),
        }


_READ: Final = ("get", "list", "watch")
_OWN: Final = (*_READ, "create", "patch", "delete")

RECORD: Final = "record"
"""The verb on Decisions that lets a ServiceAccount record their outcome."""

RULES: Final[tuple[RbacRule, ...]] = (
    RbacRule((GROUP,), ("datasets", "models", "modeldeployments"), _READ),
    RbacRule((GROUP,), ("modelversions",), (*_READ, "create", "delete")),
    # Only dry runs create Decisions; the policies require `record` of the writer of their status.
    RbacRule((GROUP,), ("decisions",), (*_READ, "create", RECORD)),
    RbacRule(
        (GROUP,),
        (
            "datasets/status",
            "models/status",
            "modelversions/status",
            "modeldeployments/status",
            "decisions/status",
        ),
        ("patch",),
    ),
    RbacRule(("batch",), ("jobs",), _OWN),
    RbacRule(("apps",), ("deployments",), _OWN),
    RbacRule(("",), ("services",), _OWN),
    RbacRule(("policy",), ("poddisruptionbudgets",), _OWN),
    RbacRule(("autoscaling",), ("horizontalpodautoscalers",), _OWN),
    RbacRule(("gateway.networking.k8s.io",), ("httproutes",), _OWN),
    RbacRule(("gateway.networking.k8s.io",), ("gateways",), _READ),
    RbacRule(("",), ("pods",), _READ),
    RbacRule(("",), ("secrets",), ("create",)),
    RbacRule(("",), ("events",), ("get", "list", "create", "patch")),
)
"""The rules for every watched namespace."""

LEADER_RULES: Final[tuple[RbacRule, ...]] = (
    RbacRule(("coordination.k8s.io",), ("leases",), ("get", "create", "update")),
)
"""The rules for the operator's own namespace."""
