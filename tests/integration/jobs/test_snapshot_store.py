"""The S3 API behaves as the store that snapshots and artifacts rely on."""

import pytest

from perennial.api.reasons import JobReason
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.s3 import PART_BYTES, connect

pytestmark = pytest.mark.integration


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    return path


def failing(call, *arguments):
    with pytest.raises(ArtifactError) as error:
        call(*arguments)
    return error.value


def test_a_file_comes_back_as_it_was_put(store, location, file, tmp_path):
    key = location.key("a b/ü.bin")
    assert store.put(key, file)
    assert store.read(key) == b"content"
    store.download(key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content"


def test_objects_are_listed_by_prefix_in_the_order_of_their_keys(store, location, file):
    for name in ("raw/b", "raw/a", "raw2/c"):
        store.put(location.key(name), file)
    found = [(one.key, one.bytes) for one in store.objects(location.key("raw/"))]
    assert found == [(location.key("raw/a"), 7), (location.key("raw/b"), 7)]
    assert [*store.objects(location.key("absent/"))] == []


def test_more_objects_than_fit_one_page_are_all_listed(store, location, bucket):
    for number in range(1005):
        bucket.put(location.key(f"many/{number:04}"), b"")
    assert len([*store.objects(location.key("many/"))]) == 1005


def test_what_stands_there_is_never_replaced(store, location, file, tmp_path):
    key = location.key("x")
    assert store.put(key, file)
    assert not store.put(key, file)
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    with pytest.raises(DigestMismatchError, match="with 7 bytes instead of 14"):
        store.put(key, other)
    assert store.read(key) == b"content"


def test_of_two_writers_at_once_the_store_lets_one_win(store, location, file):
    key = location.key("race")
    assert [store._stored(key, file) for _ in range(2)] == [True, False]


def test_a_large_file_is_put_in_parts_and_once(store, location, tmp_path):
    large, key = tmp_path / "large", location.key("large")
    with large.open("wb") as file:
        file.truncate(PART_BYTES + 5)
    assert store.put(key, large)
    assert not store.put(key, large)
    assert not store._stored(key, large)
    store.download(key, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_size == PART_BYTES + 5


def test_a_missing_object_names_its_key(store, location, tmp_path):
    key = location.key("absent")
    for error in (failing(store.read, key), failing(store.download, key, tmp_path / "x")):
        assert error.reason is JobReason.SOURCE_NOT_FOUND
        assert f"holds no object {key}" in error.message


def test_a_missing_bucket_is_told_from_a_missing_object(location):
    store = connect(location.model_copy(update={"bucket": "no-such-bucket"}))
    error = failing(list, store.objects("x"))
    assert error.reason is JobReason.SOURCE_NOT_FOUND
    assert "bucket no-such-bucket does not exist" in error.message


def test_a_wrong_key_names_the_secret_as_the_place_to_look(location, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    error = failing(list, connect(location).objects("x"))
    assert error.reason is JobReason.STORE_ACCESS_DENIED
    assert "the store's Secret" in error.message


def test_a_wrong_secret_is_access_denied_too(location, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert failing(list, connect(location).objects("x")).reason is JobReason.STORE_ACCESS_DENIED


def test_an_endpoint_that_does_not_answer_is_unavailable(location):
    store = connect(location.model_copy(update={"endpoint": "http://127.0.0.1:9"}))
    error = failing(list, store.objects("x"))
    assert error.reason is JobReason.STORE_UNAVAILABLE
    assert "http://127.0.0.1:9" in error.message
