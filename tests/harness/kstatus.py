"""What kstatus, and with it Helm and Flux, reads in the status of a custom resource."""

from collections.abc import Mapping
from typing import Any, Literal

Verdict = Literal["Terminating", "InProgress", "Failed", "Current"]


def kstatus(manifest: Mapping[str, Any]) -> Verdict:
    """Return the verdict by the rules of cli-utils, in their order."""
    metadata, status = manifest["metadata"], manifest.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return "Terminating"
    if status.get("observedGeneration", metadata["generation"]) != metadata["generation"]:
        return "InProgress"
    conditions = status.get("conditions") or ()
    for condition in conditions:  # the first of the two, in the order of the list
        if condition["status"] == "True" and condition["type"] == "Reconciling":
            return "InProgress"
        if condition["status"] == "True" and condition["type"] == "Stalled":
            return "Failed"
    ready = next((each for each in conditions if each["type"] == "Ready"), None)
    return "InProgress" if ready and ready["status"] != "True" else "Current"
