"""Whatever a caller sends is answered or refused, and what fits is answered the same three ways."""

import gzip
import json
import zlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders.requests import (
    HEADER_LENGTH,
    UNSPELLABLE,
    anything,
    binary_tensors_of,
    fitting_rows,
    mistaken_rows,
    tensors_of,
)
from builders.service import Served
from builders.small_model import INPUTS, MODEL, ROW, schema, small_model
from perennial_serving.settings import Limits

INFER = f"/v2/models/{MODEL}/infer"
SCHEMA = schema()
SERVED = Served(limits=Limits(body_bytes=1 << 16, rows=20))
REGRESSION = Served(small_model(schema(classes=None)), limits=Limits(1 << 16, 20))

few = settings(max_examples=150, deadline=None)
many = settings(
    max_examples=20_000,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def predictions(served: Served, path: str, body, headers=None) -> list:
    """Return what is predicted, however it is asked."""
    response = served.post(path, body, headers)
    assert response.status == 200, response.body
    answer = json.loads(response.body)
    if path == "/predict":
        return [one["prediction"] for one in answer["predictions"]]
    return answer["outputs"][0]["data"]


@pytest.mark.parametrize("served", [SERVED, REGRESSION])
@few
@given(rows=st.lists(fitting_rows(SCHEMA), min_size=1, max_size=20))
def test_rows_that_fit_are_answered_the_same_in_every_form(served: Served, rows: list[dict]):
    by_rows = predictions(served, "/predict", {"rows": rows})
    assert len(by_rows) == len(rows)
    assert by_rows == predictions(served, INFER, tensors_of(SCHEMA, rows))
    assert by_rows == predictions(served, INFER, *binary_tensors_of(SCHEMA, rows))


@few
@given(mistake=mistaken_rows(SCHEMA))
def test_one_wrong_cell_is_refused_at_its_path(mistake: tuple[list[dict], str]):
    rows, path = mistake
    response = SERVED.post("/predict", {"rows": rows})
    assert response.status == 400
    assert json.loads(response.body)["path"].startswith(path)
    assert SERVED.post(INFER, tensors_of(SCHEMA, rows)).status == 400


@few
@given(
    row=fitting_rows(SCHEMA),
    column=st.sampled_from([one.name for one in INPUTS]),
    number=st.sampled_from(UNSPELLABLE),
)
def test_what_json_cannot_spell_is_refused_at_its_path(row: dict, column: str, number: str):
    text = json.dumps({"rows": [{**row, column: "here"}]}).replace('"here"', number)
    response = SERVED.post("/predict", text.encode())
    assert response.status == 400
    assert json.loads(response.body)["path"] == f"$.rows[0].{column}"


@few
@given(row=fitting_rows(SCHEMA), column=st.sampled_from([one.name for one in INPUTS]))
def test_a_column_given_twice_is_refused_at_its_path(row: dict, column: str):
    whole = {**ROW, **row}
    text = f'{json.dumps(whole)[:-1]}, "{column}": {json.dumps(whole[column])}}}'
    response = SERVED.post("/predict", text.encode())
    assert response.status == 400
    assert json.loads(response.body)["path"] == f"$.{column}"


codings = st.sampled_from(
    [(b"gzip", gzip.compress), (b"deflate", zlib.compress), (b"br", bytes), (b"gzip", bytes)]
)
lengths = st.integers(-1, 200).map(str).map(str.encode) | st.binary(max_size=4)


def survives(body: bytes, coding, length: bytes) -> None:
    """Send one body in every way, and expect an answer that makes sense."""
    name, compress = coding
    for path, sent, headers in (
        ("/predict", body, {}),
        (INFER, body, {}),
        (INFER, body, {HEADER_LENGTH: length}),
        ("/feedback", body, {}),
        ("/predict", compress(body), {b"content-encoding": name}),
    ):
        response = SERVED.post(path, sent, headers)
        assert response.status in (200, 400, 413, 415, 422), response
        size = dict(response.headers).get(HEADER_LENGTH.decode())
        answer = json.loads(response.body if size is None else response.body[: int(size)])
        assert response.status == 200 or path == "/feedback" or isinstance(answer["error"], str)


@few
@given(body=anything(SCHEMA), coding=codings, length=lengths)
def test_nothing_that_a_caller_sends_makes_the_server_fail(body: bytes, coding, length: bytes):
    survives(body, coding, length)


@pytest.mark.long
@many
@given(body=anything(SCHEMA), coding=codings, length=lengths)
def test_nothing_among_a_hundred_thousand_inputs_makes_the_server_fail(
    body: bytes, coding, length: bytes
):
    survives(body, coding, length)
