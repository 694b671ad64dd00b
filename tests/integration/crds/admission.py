"""Asking the API server whether it would take a manifest, strictly and without consequences."""

from builders.examples import Manifest
from harness.kubectl import Kubectl

STRICTLY = {"dryRun": "All", "fieldValidation": "Strict"}


def admitted(kubectl: Kubectl, manifest: Manifest) -> Manifest:
    """Return the object that would be stored."""
    path = kubectl.api.resource(manifest["kind"]).path(kubectl.namespace)
    metadata = {**manifest["metadata"], "namespace": kubectl.namespace}
    return kubectl.api.request("POST", path, {**manifest, "metadata": metadata}, query=STRICTLY)
