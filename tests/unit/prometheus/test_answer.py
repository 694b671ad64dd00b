from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.prometheus.answer import parse
from perennial.prometheus.errors import ErrorKind, PrometheusError

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resultType", "result", "metric", "values", "value"]),
            inner,
            max_size=4,
        )
    ),
)


def matrix(*pairs):
    return {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": list(pairs)}]}


def test_a_matrix_has_samples_in_order_of_time():
    (found,) = parse(matrix([1, "2"], [1.5, "+Inf"]), 10)

    assert found == ({"a": "b"}, ((1.0, 2.0), (1.5, float("inf"))))


def test_a_vector_has_one_sample_for_each_series():
    answer = {"resultType": "vector", "result": [{"metric": {}, "value": [3, "4"]}]}

    assert parse(answer, 10) == (({}, ((3.0, 4.0),)),)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"resultType": "scalar", "result": [1, "2"]},
        {"resultType": "matrix", "result": None},
        {"resultType": "matrix", "result": [{"metric": {"a": 1}, "values": []}]},
        {"resultType": "matrix", "result": [{"metric": {}, "histograms": []}]},
        matrix([1, "many"]),
        matrix(["now", "1"]),
        matrix([float("nan"), "1"]),
        matrix([1]),
    ],
)
def test_anything_else_is_a_bad_answer(data):
    with pytest.raises(PrometheusError) as refused:
        parse(data, 10)

    assert refused.value.kind is ErrorKind.BAD_ANSWER


def test_more_series_than_allowed_are_too_much():
    answer = {"resultType": "matrix", "result": [{"metric": {}, "values": []}] * 3}

    with pytest.raises(PrometheusError, match="more than 2 series") as refused:
        parse(answer, 2)
    assert refused.value.kind is ErrorKind.TOO_MUCH


@settings(deadline=None)
@given(json_values)
def test_no_answer_breaks_the_reader(data):
    with suppress(PrometheusError):
        parse(data, 10)
