import msgspec
import pytest

from builders.small_model import INPUTS
from perennial_serving.wire.plain_tensors import plain_cells, plain_decoders
from perennial_serving.wire.tensors import Cells, Tensor

BY_NAME = {one.name: one for one in INPUTS}


def cells(column: str, datatype: str, data: bytes, rows: int) -> Cells | None:
    decoder = plain_decoders(BY_NAME[column])[datatype]
    return plain_cells(decoder, Tensor(column, [rows], datatype, msgspec.Raw(data)), rows)


def test_a_whole_column_is_decoded_and_checked_at_once():
    assert cells("dep_delay", "FP64", b"[1, null, 2.5]", 3) == [1.0, None, 2.5]
    assert cells("distance", "INT8", b"[-128, 127]", 2) == [-128, 127]
    assert cells("carrier", "BYTES", b'["UA"]', 1) == ["UA"]
    assert cells("weekend", "BOOL", b"[true, null]", 2) == [True, None]


@pytest.mark.parametrize(
    ("column", "datatype", "data"),
    [
        ("dep_delay", "FP64", b'["1"]'),
        ("dep_delay", "FP64", b"[1, 2]"),
        ("dep_delay", "FP64", b"[[1]]"),
        ("dep_delay", "FP64", b""),
        ("distance", "INT64", b"[null]"),
        ("distance", "INT8", b"[128]"),
        ("distance", "UINT8", b"[-1]"),
        ("distance", "INT64", b"[9223372036854775808]"),
        ("carrier", "BYTES", b'["\xff"]'),
        ("weekend", "BOOL", b"[1]"),
    ],
)
def test_whatever_is_wrong_calls_for_a_closer_look(column: str, datatype: str, data: bytes):
    assert cells(column, datatype, data, 1) is None


def test_what_a_decoder_cannot_check_goes_the_general_way():
    assert plain_decoders(BY_NAME["time_hour"]) == {}
    assert "FP64" not in plain_decoders(BY_NAME["distance"])
    assert "UINT64" not in plain_decoders(BY_NAME["distance"])
