import msgspec
import pytest

from perennial_serving.wire.errors import RequestError, decode


class Row(msgspec.Struct, forbid_unknown_fields=True):
    delay: float
    carrier: str


ROWS = msgspec.json.Decoder(list[Row])


def refusal(body: bytes, under: str = "$") -> tuple[str, str | None]:
    with pytest.raises(RequestError) as refused:
        decode(ROWS, body, under)
    return refused.value.error, refused.value.path


def test_a_wrong_type_is_named_in_the_words_of_json():
    body = b'[{"delay": 1, "carrier": "UA"}, {"delay": "1", "carrier": "UA"}]'
    assert refusal(body) == ("Expected `number`, got `string`", "$[1].delay")


def test_a_missing_field_is_named_by_its_own_path():
    assert refusal(b'[{"delay": 1}]') == ("this field is missing", "$[0].carrier")


def test_an_unknown_field_is_named_by_its_own_path():
    body = b'[{"delay": 1, "carrier": "UA", "float": 2}]'
    assert refusal(body) == ("there is no such field", "$[0].float")


def test_paths_go_on_from_where_the_body_stands():
    assert refusal(b'[{"delay": 1}]', under="$.rows")[1] == "$.rows[0].carrier"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_found(number: str):
    body = f'[{{"delay": 1, "carrier": "UA"}}, {{"delay": {number}, "carrier": "UA"}}]'
    error, path = refusal(body.encode())
    assert "null for a missing value" in error
    assert path == "$[1].delay"


def test_a_number_beyond_float64_is_refused():
    assert refusal(b'[{"delay": 1e999, "carrier": "UA"}]') == ("Number out of range", "$[0].delay")


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"[}", b"\xff", b"\x00", b"\xef\xbb\xbf[]", b"[] []", b'[{"carrier": "\\ud800"}]'],
)
def test_what_is_no_json_is_refused(body: bytes):
    assert refusal(body)[1] == "$"


def test_text_that_is_not_utf_8_is_refused():
    assert refusal(b'[{"delay": 1, "carrier": "\xff"}]') == ("a string is not UTF-8", "$")


def test_endless_nesting_is_refused():
    nested = msgspec.json.Decoder(list[msgspec.Raw])
    with pytest.raises(RequestError, match="nested too deeply"):
        decode(nested, b"[" * 200_000)


@pytest.mark.parametrize(
    ("body", "words"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xef\xbb\xbf[]", "byte order")]
)
def test_a_body_that_does_not_begin_as_json_is_explained(body: bytes, words: str):
    error, path = refusal(body)
    assert words in error
    assert path == "$"
