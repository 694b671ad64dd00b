from http import HTTPStatus

import pytest

from builders.small_model import INPUTS, schema
from perennial.artifacts.model_schema import Input
from perennial_serving.wire.cell_types import check_bulk, check_count, extra_time_input, is_fraction
from perennial_serving.wire.errors import RequestError

TIME = next(one for one in INPUTS if one.name == "time_hour")


def test_a_request_brings_at_least_one_row():
    with pytest.raises(RequestError, match="no rows") as refused:
        check_count(0, 10, "$.rows")
    assert refused.value.path == "$.rows"


def test_a_request_brings_no_more_rows_than_allowed():
    check_count(10, 10, "$")
    with pytest.raises(RequestError, match="at most 10") as refused:
        check_count(11, 10, "$")
    assert refused.value.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_body_of_far_more_values_than_its_rows_may_have_is_refused():
    check_bulk(b'{"a":"1,2","b":0},' * 10, rows=10, columns=2)
    for absurd in (b"{}," * 100, b"[0," * 200):
        with pytest.raises(RequestError, match="more values than 10 rows have") as refused:
            check_bulk(absurd, rows=10, columns=2)
        assert refused.value.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_whole_number_is_no_fraction_however_it_is_written():
    assert not any(map(is_fraction, [None, 5, 5.0, -3e300]))
    assert all(map(is_fraction, [5.5, -0.1, float("inf")]))


def test_the_time_column_is_read_beside_the_inputs_unless_it_is_one():
    assert extra_time_input(schema()) == ()
    assert extra_time_input(schema(time_column="time_hour")) == ()
    (one,) = extra_time_input(schema(time_column="booked_at"))
    assert one == Input(name="booked_at", type=TIME.type, nullable=True)
