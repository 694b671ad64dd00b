from http import HTTPStatus

import pytest

from perennial_serving.wire.columns import check_count, first, is_fraction
from perennial_serving.wire.errors import Refusal


def test_a_request_brings_at_least_one_row():
    with pytest.raises(Refusal, match="no rows") as refused:
        check_count(0, 10, "$.rows")
    assert refused.value.path == "$.rows"


def test_a_request_brings_no_more_rows_than_allowed():
    check_count(10, 10, "$")
    with pytest.raises(Refusal, match="at most 10") as refused:
        check_count(11, 10, "$")
    assert refused.value.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_whole_number_is_no_fraction_however_it_is_written():
    assert first([None, 5, 5.0, -3e300], is_fraction) is None
    assert first([None, 5.0, 5.5], is_fraction) == 2
