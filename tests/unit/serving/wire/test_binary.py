import numpy as np
import pytest

from perennial_serving.wire.binary import read_numbers, read_texts, slices, to_bytes
from perennial_serving.wire.errors import RequestError

AT = "$.inputs[0].data"


@pytest.mark.parametrize(
    "datatype",
    ["FP16", "FP32", "FP64", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT64"],
)
def test_numbers_come_back_from_their_bytes(datatype: str):
    content = to_bytes(datatype, [1, 2, 100])
    assert read_numbers(datatype, memoryview(content), 3, AT).tolist() == [1, 2, 100]


def test_a_boolean_is_a_byte():
    assert to_bytes("BOOL", [True, False]) == b"\x01\x00"
    assert read_numbers("BOOL", memoryview(b"\x01\x00"), 2, AT).tolist() == [1, 0]
    with pytest.raises(RequestError) as refused:
        read_numbers("BOOL", memoryview(b"\x01\x02"), 2, AT)
    assert refused.value.path == "$.inputs[0].data[1]"


def test_numbers_are_little_endian():
    assert to_bytes("INT16", [1]) == b"\x01\x00"
    assert to_bytes("FP64", np.array([1.0])) == b"\0\0\0\0\0\0\xf0\x3f"


def test_numbers_must_fill_their_tensor_exactly():
    with pytest.raises(RequestError, match="16 bytes rather than 15"):
        read_numbers("FP64", memoryview(bytes(15)), 2, AT)


def test_texts_come_back_from_their_bytes():
    texts = ["UA", "", "naïve", "\0"]
    assert read_texts(memoryview(to_bytes("BYTES", texts)), 4, AT) == texts


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"", AT),
        (b"\x01\0\0\0a", AT),
        (b"\x01\0\0\0a\x01\0\0\0bc", AT),
        (b"\x01\0\0\0a\x01\0\0", f"{AT}[1]"),
        (b"\xff\xff\xff\xffab", f"{AT}[0]"),
        (b"\x01\0\0\0a\x01\0\0\0\xff", f"{AT}[1]"),
    ],
)
def test_texts_must_fill_their_tensor_exactly(content: bytes, path: str):
    with pytest.raises(RequestError) as refused:
        read_texts(memoryview(content), 2, AT)
    assert refused.value.path == path


def test_what_follows_the_json_is_cut_into_tensors():
    one, none, other = slices(memoryview(b"abcde"), [2, None, 3])
    assert (bytes(one or b""), none, bytes(other or b"")) == (b"ab", None, b"cde")
    assert slices(memoryview(b""), [None, None]) == [None, None]
    assert slices(memoryview(b""), [0]) == [b""]


@pytest.mark.parametrize("sizes", [[2], [2, 4], [None], []])
def test_binary_tensors_must_fill_the_body_exactly(sizes: list[int | None]):
    with pytest.raises(RequestError) as refused:
        slices(memoryview(b"abcde"), sizes)
    assert refused.value.path == "$.inputs"
