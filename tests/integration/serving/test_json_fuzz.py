"""Whatever a caller sends is answered or refused, and what fits as the trained pipeline says."""

import gzip
import json
import math
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders.artifact import INPUTS, ROW, flights
from builders.requests import (
    HEADER_LENGTH,
    UNSPELLABLE,
    anything,
    fitting_rows,
    mistaken_rows,
    tensors_of,
)
from doubles.trained_server import (
    FEEDBACK,
    INFER,
    MODELS,
    PREDICT,
    TrainedServer,
    trained_server,
)
from perennial.api.problem import Problem
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.table.vocabulary import described

SCHEMA = ModelSchema(
    problem=Problem.CLASSIFICATION,
    target="late",
    inputs=described(INPUTS, canonical_frame(INPUTS, flights(400))),
)

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
more = settings(few, max_examples=1_000, phases=[Phase.generate])
many = settings(more, max_examples=7_000)
"""For each model: of five inputs each, they are more than a hundred thousand."""


@pytest.fixture(scope="module", params=MODELS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrainedServer]:
    folder = tmp_path_factory.mktemp(request.param)
    with trained_server(MODELS[request.param], folder) as running:
        yield running


some_rows = st.lists(fitting_rows(SCHEMA), min_size=1, max_size=20)
many_rows = st.builds(
    lambda rows, least: rows * math.ceil(least / len(rows)), some_rows, st.sampled_from([120, 400])
)
"""What takes long leaves the event loop, and many rows take other ways through the trees."""


@pytest.mark.parametrize(
    "dose", [few, pytest.param(more, marks=pytest.mark.long)], ids=["few", "more"]
)
def test_rows_that_fit_are_answered_as_the_pipeline_answers_them(
    server: TrainedServer, dose: settings
):
    dose(given(rows=some_rows | many_rows)(server.check))()


@few
@given(mistake=mistaken_rows(SCHEMA))
def test_one_wrong_cell_is_refused_at_its_path(
    server: TrainedServer, mistake: tuple[list[dict], str]
):
    rows, path = mistake
    answer = server.post_json(PREDICT, {"rows": rows})
    assert answer.status == 400
    assert json.loads(answer.body)["path"].startswith(path)
    assert server.post_json(INFER, tensors_of(SCHEMA, rows)).status == 400


@few
@given(
    row=fitting_rows(SCHEMA),
    column=st.sampled_from([one.name for one in INPUTS]),
    number=st.sampled_from(UNSPELLABLE),
)
def test_what_json_cannot_spell_is_refused_at_its_path(
    server: TrainedServer, row: dict, column: str, number: str
):
    text = json.dumps({"rows": [{**row, column: "here"}]}).replace('"here"', number)
    answer = server.post(PREDICT, text.encode())
    assert answer.status == 400
    assert json.loads(answer.body)["path"] == f"$.rows[0].{column}"


@few
@given(row=fitting_rows(SCHEMA), column=st.sampled_from([one.name for one in INPUTS]))
def test_a_column_given_twice_is_refused_at_its_path(server: TrainedServer, row: dict, column: str):
    whole = {**ROW, **row}
    text = f'{json.dumps(whole)[:-1]}, "{column}": {json.dumps(whole[column])}}}'
    answer = server.post(PREDICT, text.encode())
    assert answer.status == 400
    assert json.loads(answer.body)["path"] == f"$.{column}"


codings = st.sampled_from(
    [(b"gzip", gzip.compress), (b"deflate", zlib.compress), (b"br", bytes), (b"gzip", bytes)]
)
lengths = st.integers(-1, 200).map(str).map(str.encode) | st.binary(max_size=4).filter(
    lambda length: not set(length) & set(b"\r\n")
)


def survives(server: TrainedServer, body: bytes, coding, length: bytes) -> None:
    """Send one body in every way, and expect an answer that makes sense."""
    name, compress = coding
    for path, sent, headers in (
        (PREDICT, body, {}),
        (INFER, body, {}),
        (INFER, body, {HEADER_LENGTH: length}),
        (FEEDBACK, body, {}),
        (PREDICT, compress(body), {b"content-encoding": name}),
    ):
        answer = server.post(path, sent, headers)
        assert answer.status in (200, 400, 413, 415, 422), answer
        size = answer.headers.get(HEADER_LENGTH.decode())
        said = json.loads(answer.body if size is None else answer.body[: int(size)])
        assert answer.status == 200 or path == FEEDBACK or isinstance(said["error"], str)


@pytest.mark.parametrize(
    "dose", [few, pytest.param(many, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_nothing_that_a_caller_sends_makes_the_server_fail_or_grow(
    server: TrainedServer, dose: settings
):
    throw = given(body=anything(SCHEMA), coding=codings, length=lengths)
    few(throw(survives))(server)
    before = server.process.resident_bytes()
    dose(throw(survives))(server)
    assert server.process.resident_bytes() - before < 8 << 20
