import gzip
import zlib

import pytest

from perennial_serving.wire.compression import compressed, decompressed, preferred_coding
from perennial_serving.wire.errors import RequestError

BODY = b'{"rows": []}' * 100
PACK = {"gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_body_is_unfolded(coding: str):
    assert decompressed(PACK[coding](BODY), coding, len(BODY)) == BODY
    assert decompressed(compressed(BODY, coding), coding, len(BODY)) == BODY


def test_old_and_idle_names_of_codings_are_known():
    assert decompressed(gzip.compress(BODY), "x-gzip", len(BODY)) == BODY
    assert decompressed(BODY, "identity", len(BODY)) == BODY


def test_a_body_of_several_members_is_one_body():
    assert decompressed(gzip.compress(b"one") + gzip.compress(b"two"), "gzip", 6) == b"onetwo"


def test_a_body_of_very_many_streams_is_refused_before_it_takes_long():
    with pytest.raises(RequestError, match="more than 16 gzip streams: send one") as refused:
        decompressed(gzip.compress(b"") * 100_000, "gzip", 10)
    assert refused.value.status == 400


def test_a_small_body_that_unfolds_to_a_huge_one_is_refused_early():
    bomb = gzip.compress(bytes(64 << 20))
    with pytest.raises(RequestError, match="unfold to 1000 bytes") as refused:
        decompressed(bomb, "gzip", 1000)
    assert refused.value.status == 413
    with pytest.raises(RequestError):
        decompressed(gzip.compress(bytes(600)) * 2, "gzip", 1000)


@pytest.mark.parametrize(
    "body",
    [b"plain", gzip.compress(BODY)[:-9], gzip.compress(BODY) + b"x"],
    ids=["not at all", "cut off", "with something behind it"],
)
def test_what_is_not_compressed_as_it_says_is_refused(body: bytes):
    with pytest.raises(RequestError) as refused:
        decompressed(body, "gzip", 10_000)
    assert refused.value.status == 400


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", ""])
def test_another_coding_is_refused(coding: str):
    with pytest.raises(RequestError) as refused:
        decompressed(BODY, coding, 10_000)
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("deflate", "deflate"),
        ("gzip, deflate, br", "gzip"),
        ("gzip;q=0.1, deflate;q=0.5", "deflate"),
        ("GZIP;Q=1", "gzip"),
        ("gzip;q=0", None),
        ("br", None),
        ("", None),
        ("gzip;q=most", None),
    ],
)
def test_a_caller_gets_the_coding_it_likes_best(header: str, coding: str | None):
    assert preferred_coding(header) == coding


def test_equal_answers_are_compressed_alike():
    assert compressed(BODY, "gzip") == compressed(BODY, "gzip")
