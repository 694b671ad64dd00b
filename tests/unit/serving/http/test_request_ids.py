import pytest

from perennial_serving.http.request_ids import RequestIds


def test_a_callers_name_is_kept():
    assert RequestIds().of(b"abc-1/x") == "abc-1/x"
    assert RequestIds().of(b"abc \t") == "abc"


@pytest.mark.parametrize("given", [None, b"", b"a b", b"a\n", b"\xff", b"a" * 129])
def test_what_cannot_stand_in_a_header_is_replaced(given: bytes | None):
    ids = RequestIds()
    names = {ids.of(given) for _ in range(1000)}
    assert len(names) == 1000
    assert {len(name) for name in names} == {32}


def test_no_two_processes_give_the_same_name():
    assert RequestIds().of(None) != RequestIds().of(None)
