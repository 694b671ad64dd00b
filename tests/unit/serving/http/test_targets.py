from http import HTTPStatus

import pytest

from perennial_serving.http.errors import ProtocolError
from perennial_serving.http.targets import is_host, path_of


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/predict", "/predict"),
        (b"/predict?pretty", "/predict"),
        (b"/v2/models/caf%C3%A9", "/v2/models/caf\u00e9"),
        (b"/%2", "/%2"),
        (b"http://host:8080/v2?x", "/v2"),
        (b"http://host", "/"),
        (b"*", "*"),
        (b"//v2", "//v2"),
        (b"/v2%2Fmodels/a%2fb", "/v2%2Fmodels/a%2Fb"),
    ],
)
def test_a_target_names_a_path(target: bytes, path: str):
    assert path_of(target) == path


@pytest.mark.parametrize("target", [b"predict", b"host:80", b"http://", b""])
def test_what_is_no_target_is_refused(target: bytes):
    with pytest.raises(ProtocolError) as refused:
        path_of(target)
    assert refused.value.status is HTTPStatus.BAD_REQUEST


def test_a_target_has_an_end():
    with pytest.raises(ProtocolError) as refused:
        path_of(b"/" * 8193)
    assert refused.value.status is HTTPStatus.REQUEST_URI_TOO_LONG


def test_what_is_remembered_of_targets_is_bounded():
    for number in range(1000):
        path_of(b"/%d" % number)
    remembered = path_of.cache_info()
    assert remembered.currsize == remembered.maxsize < 100


@pytest.mark.parametrize(
    "host", [b"x", b"x:80", b"x:", b"", b"[::1]:8080", b"outbound|80||name.delays", b"caf\xe9 "]
)
def test_a_host_may_have_a_port(host: bytes):
    assert is_host(host)


@pytest.mark.parametrize(
    "host", [b"a, b", b"user@x", b"a b", b"x/../y", b"x:port", b"x:80:80", b"::1", b"[::1", b"x?y"]
)
def test_what_is_no_host_is_known(host: bytes):
    assert not is_host(host)
