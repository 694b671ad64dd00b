"""The object store of a cluster: its address, and the only identity that it knows."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from harness.api import Api, Manifest

NAMESPACE = "perennial-servers"
ENDPOINT = "http://10.96.0.83:8333"  # the Service in s3.yaml
BUCKET = "perennial"
REGION = "us-east-1"
CREDENTIALS = "perennial-store"  # the Secret in each namespace that uses the store
KEY_ID, KEY = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"


@dataclass(frozen=True)
class Store:
    """One bucket of the object store, and the credentials for it."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str = ENDPOINT
    bucket: str = BUCKET
    region: str = REGION


@cache
def of_cluster(kubeconfig: Path) -> Store:
    """Return the store of a cluster, as the Secret beside it describes it."""
    api = Api(kubeconfig)
    try:
        data = api.request("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{CREDENTIALS}")["data"]
    finally:
        api.close()
    key_id, key = (base64.b64decode(data[name]).decode() for name in (KEY_ID, KEY))
    return Store(key_id, key)


def new_credentials() -> Manifest:
    """Return a Secret with a new identity, in the words of clients and of the server."""
    key_id, key = secrets.token_hex(10), secrets.token_hex(20)
    credentials = [{"accessKey": key_id, "secretKey": key}]
    identity = {"name": "tests", "credentials": credentials, "actions": ["Admin"]}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": CREDENTIALS, "namespace": NAMESPACE},
        "stringData": {
            KEY_ID: key_id,
            KEY: key,
            "identities.json": json.dumps({"identities": [identity]}),
        },
    }
