"""How a container reaches an object store: only the kubelet reads the keys."""

from perennial.api.configuration import Store
from perennial.api.digests import canonical_json
from perennial.api.manifest import Manifest

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_LOCATION = {"endpoint", "bucket", "prefix", "region"}


def store_access(store: Store) -> list[Manifest]:
    """Return the environment with a store's credentials; without a Secret, workload identity."""
    location = store.model_dump(mode="json", include=_LOCATION, exclude_none=True)
    environment: list[Manifest] = [{"name": "PERENNIAL_STORE", "value": canonical_json(location)}]
    if store.secret_name is not None:
        environment += [_key(store.secret_name, key) for key in KEYS]
    return environment


def _key(secret: str, key: str) -> Manifest:
    return {"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
