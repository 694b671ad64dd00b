"""The key that signs prediction ids: a Secret that only the kubelet reads."""

from typing import Final

from perennial.api.manifest import Manifest
from perennial.api.names import labels, prediction_key_name
from perennial.planning.plan import CreateKey

ENTRY: Final = "key"


def prediction_key(name: str, namespace: str) -> CreateKey:
    """Return the creation of the key: one for all revisions, because ids outlive their pods."""
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": prediction_key_name(name),
            "namespace": namespace,
            "labels": labels("ModelDeployment", name),
        },
        "type": "Opaque",
        "immutable": True,
    }
    return CreateKey(manifest, ENTRY)


def key_variable(name: str) -> Manifest:
    """Return the environment variable with the key, for servers."""
    reference = {"name": prediction_key_name(name), "key": ENTRY}
    return {"name": "PERENNIAL_PREDICTION_KEY", "valueFrom": {"secretKeyRef": reference}}
