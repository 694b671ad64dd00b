import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from perennial.artifacts.s3_errors import explained
from perennial.artifacts.store import StoreLocation

LOCATION = StoreLocation(endpoint="http://s3.test", bucket="data")


def answer(code):
    return ClientError({"Error": {"Code": code, "Message": "secret"}}, "GetObject")


CASES = [
    (answer("NoSuchBucket"), "SourceNotFound", "bucket data does not exist at http://s3.test"),
    (answer("NoSuchKey"), "SourceNotFound", "bucket data holds no object raw/x.csv"),
    (answer("404"), "SourceNotFound", "bucket data holds no object raw/x.csv"),
    (answer("AccessDenied"), "StoreAccessDenied", "check the keys in the store's Secret"),
    (answer("InvalidAccessKeyId"), "StoreAccessDenied", "answered InvalidAccessKeyId"),
    (answer("SignatureDoesNotMatch"), "StoreAccessDenied", "check the keys"),
    (answer("403"), "StoreAccessDenied", "check the keys"),
    (NoCredentialsError(), "StoreAccessDenied", "there are no credentials"),
    (answer("SlowDown"), "StoreUnavailable", "does not answer as it should (SlowDown)"),
    (answer("PermanentRedirect"), "StoreUnavailable", "is us-east-1 the region of bucket data?"),
    (EndpointConnectionError(endpoint_url="x"), "StoreUnavailable", "EndpointConnectionError"),
    (ConnectTimeoutError(endpoint_url="x"), "StoreUnavailable", "check the endpoint"),
]


@pytest.mark.parametrize(("error", "reason", "words"), CASES)
def test_each_failure_of_a_store_has_its_reason_and_remedy(error, reason, words):
    told = explained(error, LOCATION, "raw/x.csv")
    assert told.reason == reason
    assert words in told.message


def test_what_a_server_says_beside_its_code_is_not_repeated():
    assert all("secret" not in explained(error, LOCATION, "x").message for error, _, _ in CASES)


def test_without_an_endpoint_the_region_is_the_place():
    told = explained(answer("NoSuchBucket"), StoreLocation(bucket="data", region="eu-1"), "x")
    assert "bucket data does not exist at region eu-1" in told.message
