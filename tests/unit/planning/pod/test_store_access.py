import json

from perennial.api.configuration import Store
from perennial.planning.pod.store_access import store_access


def named(store):
    return {variable["name"]: variable for variable in store_access(store)}


def test_the_place_is_told_as_json_and_says_nothing_of_secrets_or_namespaces():
    store = Store(
        endpoint="http://s3:8333",
        bucket="models",
        prefix="team/",
        secret_name="store-keys",  # noqa: S106 - a name
        namespaces=("delays",),
    )
    assert json.loads(named(store)["PERENNIAL_STORE"]["value"]) == {
        "endpoint": "http://s3:8333",
        "bucket": "models",
        "prefix": "team/",
        "region": "us-east-1",
    }


def test_the_keys_come_from_the_stores_secret_without_anybody_reading_them():
    store = Store(bucket="models", secret_name="store-keys")  # noqa: S106 - a name
    assert named(store)["AWS_SECRET_ACCESS_KEY"]["valueFrom"] == {
        "secretKeyRef": {"name": "store-keys", "key": "AWS_SECRET_ACCESS_KEY"}
    }


def test_workload_identity_needs_no_keys():
    assert list(named(Store(bucket="models"))) == ["PERENNIAL_STORE"]
