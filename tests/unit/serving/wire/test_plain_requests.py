import json
from datetime import UTC, datetime

import pytest

from builders.small_model import INPUTS, ROW, schema
from perennial_serving.wire.datatypes import DATATYPES
from perennial_serving.wire.plain_requests import PlainRequest, PlainRequests

READER = PlainRequests(schema(), limit=3)
NAMES = [one.name for one in INPUTS]


def tensors(rows: int = 1) -> list[dict]:
    return [
        {
            "name": one.name,
            "shape": [rows],
            "datatype": next(iter(DATATYPES[one.type])),
            "data": [ROW[one.name]] * rows,
        }
        for one in INPUTS
    ]


def read(*inputs: dict, **more) -> PlainRequest | None:
    return READER.read(json.dumps({"inputs": inputs, **more}).encode())


def with_column(column: str, **changed) -> list[dict]:
    return [one | changed if one["name"] == column else one for one in tensors()]


def test_columns_come_out_numbers_first_in_the_order_of_the_schema():
    plain = read(*reversed(tensors(2)), id="an id")
    assert plain is not None
    morning = datetime(2013, 1, 5, 9, tzinfo=UTC)
    assert plain.rows == [(12.5, 1400, False, morning, "UA", "IAH")] * 2
    assert plain.request.id == "an id"


@pytest.mark.parametrize(
    "same",
    [
        {"shape": [1, 1]},
        {"datatype": "FP32"},
        {"data": [None]},
        {"parameters": {"content_type": "np"}},
    ],
)
def test_how_clients_differ_makes_no_difference(same: dict):
    assert read(*with_column("dep_delay", **same)) is not None


def test_a_column_that_may_be_missing_may_be_left_out():
    plain = read(*(one for one in tensors() if one["name"] != "dest"))
    assert plain is not None
    assert plain.rows[0][-1] is None
    assert read(*(one for one in tensors() if one["name"] != "carrier")) is None


@pytest.mark.parametrize(
    ("column", "strange"),
    [
        ("dep_delay", {"data": ["1"]}),
        ("dep_delay", {"data": [1, 2]}),
        ("dep_delay", {"data": [[1]]}),
        ("dep_delay", {"data": []}),
        ("dep_delay", {"shape": [1, 1, 1]}),
        ("dep_delay", {"datatype": "INT8"}),
        ("dep_delay", {"parameters": {"binary_data_size": 8}}),
        ("distance", {"data": [None]}),
        ("distance", {"data": [1.5]}),
        ("distance", {"data": [1 << 63]}),
        ("weekend", {"data": [1]}),
        ("time_hour", {"data": ["noon"]}),
        ("carrier", {"name": "dest"}),
        ("carrier", {"name": "seats"}),
    ],
)
def test_whatever_is_strange_calls_for_a_closer_look(column: str, strange: dict):
    assert read(*with_column(column, **strange)) is None


@pytest.mark.parametrize("body", [b"{", b'{"inputs": []}', b'{"inputs": ["\xff"]}', b"[" * 9999])
def test_so_does_what_is_hardly_a_request(body: bytes):
    assert READER.read(body) is None


def test_so_do_too_many_rows():
    assert read(*tensors(3)) is not None
    assert read(*tensors(4)) is None


def test_a_value_can_be_found_again():
    plain = read(*tensors(2))
    assert plain is not None
    assert plain.path_of(1, "distance") == f"$.inputs[{NAMES.index('distance')}].data[1]"
    assert plain.path_of(1, None) == "$.inputs"
