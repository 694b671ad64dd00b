import pytest

from perennial_serving.wire.error_location import path_of_nan, path_of_repeated_key


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"[1, NaN]", "$[1]"),
        (b'{"rows": [{"a": 1}, {"a": -Infinity, "b": NaN}]}', "$.rows[1].a"),
        (b'{"a": 1e999}', "$.a"),
        (b"NaN", "$"),
        (b'{"a": [[], {"b": [1, {}, NaN]}]}', "$.a[1].b[2]"),
        (b'[[1], {"a": 2}, 3, Infinity]', "$[3]"),
        (b'{"a": "NaN"}', None),
        (b"[1", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_a_number_that_json_does_not_know_is_found(body: bytes, path: str | None):
    assert path_of_nan(body, "$") == path


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"a": 1, "b": 2, "a": 1}', "$.a"),
        (b'{"rows": [{"a": 1}, {"b": 1, "b": 2}]}', "$.rows[1].b"),
        (b'{"a": {"a": 1}}', None),
        (b'[{"a": 1}, {"a": 2}]', None),
        (b'{"a": 1, "a"', None),
    ],
)
def test_a_key_given_twice_is_found(body: bytes, path: str | None):
    assert path_of_repeated_key(body, "$") == path
