"""Responses that S3 gives only in a race or when it fails; the rest is integration."""

import boto3
import pytest
from botocore.stub import Stubber

from perennial.artifacts import s3
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.s3 import S3Store
from perennial.artifacts.store import StoredObject, StoreLocation

LOCATION = StoreLocation(endpoint="http://s3.test", bucket="data")
AT_KEY = {"Bucket": "data", "Key": "x/file"}


@pytest.fixture
def client():
    return boto3.client(
        "s3",
        endpoint_url=LOCATION.endpoint,
        region_name=LOCATION.region,
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106 - no server ever sees it
    )


@pytest.fixture
def s3_responses(client):
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345678")
    return path


def missing(responses: Stubber) -> None:
    responses.add_client_error("head_object", "404", expected_params=AT_KEY)


def test_a_listing_has_all_pages(client, s3_responses):
    first = {"Contents": [{"Key": "x/a", "Size": 1}], "IsTruncated": True}
    s3_responses.add_response("list_objects_v2", {**first, "NextContinuationToken": "more"})
    s3_responses.add_response("list_objects_v2", {"Contents": [{"Key": "x/b", "Size": 2}]})
    found = [*S3Store(client, LOCATION).objects("x/")]
    assert found == [StoredObject("x/a", 1), StoredObject("x/b", 2)]


def test_a_file_that_another_writer_stored_first_is_not_stored_again(client, s3_responses, file):
    missing(s3_responses)
    s3_responses.add_client_error("put_object", "PreconditionFailed")
    s3_responses.add_response("head_object", {"ContentLength": 8}, AT_KEY)
    assert S3Store(client, LOCATION).put("x/file", file) is False


def test_an_object_of_another_size_is_an_error(client, s3_responses, file):
    for _ in range(2):
        s3_responses.add_response("head_object", {"ContentLength": 7}, AT_KEY)
    with pytest.raises(DigestMismatchError, match="with 7 bytes instead of 8"):
        S3Store(client, LOCATION).put("x/file", file)


def test_an_upload_of_which_a_part_fails_is_aborted(client, s3_responses, file, monkeypatch):
    monkeypatch.setattr(s3, "PART_BYTES", 4)
    missing(s3_responses)
    s3_responses.add_response("create_multipart_upload", {"UploadId": "7"})
    s3_responses.add_response("upload_part", {"ETag": "first"})
    s3_responses.add_client_error("upload_part", "AccessDenied")
    s3_responses.add_response("abort_multipart_upload", {}, {**AT_KEY, "UploadId": "7"})
    with pytest.raises(ArtifactError, match="AccessDenied"):
        S3Store(client, LOCATION).put("x/file", file)


def test_a_large_file_is_completed_from_its_parts(client, s3_responses, file, monkeypatch):
    monkeypatch.setattr(s3, "PART_BYTES", 4)
    missing(s3_responses)
    s3_responses.add_response("create_multipart_upload", {"UploadId": "7"})
    for etag in ("first", "second"):
        s3_responses.add_response("upload_part", {"ETag": etag})
    parts = [{"ETag": "first", "PartNumber": 1}, {"ETag": "second", "PartNumber": 2}]
    s3_responses.add_response(
        "complete_multipart_upload",
        {},
        {**AT_KEY, "UploadId": "7", "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"},
    )
    assert S3Store(client, LOCATION).put("x/file", file) is True
