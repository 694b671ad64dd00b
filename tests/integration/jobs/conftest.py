"""The cluster's object store, as the steps of a Job meet it."""

import secrets

import pytest

from perennial.artifacts.s3 import connect
from perennial.artifacts.store import StoreLocation


@pytest.fixture
def location(bucket, monkeypatch):
    """A prefix of the real bucket of the test's own, and the credentials that open it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.store.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", bucket.store.secret_access_key)
    monkeypatch.setenv("NO_PROXY", "*")
    return StoreLocation(
        endpoint=bucket.store.endpoint,
        bucket=bucket.store.bucket,
        region=bucket.store.region,
        prefix=f"test-{secrets.token_hex(4)}/",
    )


@pytest.fixture
def store(location):
    return connect(location)
