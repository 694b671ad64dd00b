"""The part that all pods share: they pass the restricted Pod Security Standard."""

from perennial.api.manifest import Manifest
from perennial.api.pod import Pod

POD_SECURITY: Manifest = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}

CONTAINER_SECURITY: Manifest = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}

_PLACEMENT = {"service_account_name", "image_pull_secrets", "node_selector", "tolerations"}


def restricted_pod(pod: Pod) -> Manifest:
    """Return the fields of a pod spec that do not depend on its containers."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY,
        **pod.model_dump(mode="json", by_alias=True, include=_PLACEMENT, exclude_defaults=True),
    }
