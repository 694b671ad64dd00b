import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.artifact import INPUTS, MODEL, ROW, VERSION, BuiltArtifact
from builders.service import LIMITS, Served
from perennial.api.dataset import ColumnType
from perennial_serving.http.routes import OWN_CHECK
from perennial_serving.wire.tensors import DATATYPES

INFER = f"/v2/models/{MODEL}/infer"


@pytest.fixture
def served(flights: BuiltArtifact) -> Served:
    return Served(flights)


def tensors(row: dict) -> dict:
    return {
        "inputs": [
            {
                "name": one.name,
                "shape": [1],
                "datatype": next(iter(DATATYPES[one.type])),
                "data": [row[one.name]],
            }
            for one in INPUTS
        ]
    }


def test_rows_are_answered_as_the_trained_pipeline_answers_them(served: Served):
    rows = [ROW, {**ROW, "carrier": "B6", "dest": None}]
    response = served.post("/predict", {"rows": rows})
    expected = list(served.model.predictor.answer_rows(rows).spelled(served.model.schema))
    assert json.loads(response.body) == {
        "predictions": expected,
        "model": MODEL,
        "version": VERSION,
    }


def test_tensors_are_answered_as_rows_are(served: Served):
    by_rows = json.loads(served.post("/predict", ROW).body)["predictions"][0]
    outputs = json.loads(served.post(INFER, tensors(ROW)).body)["outputs"]
    assert outputs[0]["data"] == [by_rows["prediction"]]
    assert outputs[1]["data"] == list(by_rows["probabilities"].values())


def test_a_regression_is_answered_with_numbers(delays: BuiltArtifact):
    served = Served(delays)
    (by_rows,) = json.loads(served.post("/predict", ROW).body)["predictions"]
    (output,) = json.loads(served.post(INFER, tensors(ROW)).body)["outputs"]
    assert output == {
        "name": "predict",
        "datatype": "FP64",
        "shape": [1],
        "data": [by_rows["prediction"]],
    }


def test_a_category_that_training_did_not_see_is_answered(served: Served):
    assert served.post("/predict", {**ROW, "carrier": "unheard of"}).status == 200


def test_a_mistake_is_answered_with_its_place(served: Served):
    response = served.post("/predict", {"rows": [{**ROW, "dep_delay": "late"}]})
    assert response.status == 400
    assert json.loads(response.body) == {
        "error": "Expected `number | null`, got `string`",
        "path": "$.rows[0].dep_delay",
    }


def test_what_the_pipeline_itself_refuses_is_the_callers_mistake(served: Served):
    response = served.post("/predict", {**ROW, "dep_delay": 1.7e308})
    assert response.status in (200, 422)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"name": MODEL, "ready": True}),
        (f"/v2/models/{MODEL}/ready", {"name": MODEL, "ready": True}),
        (f"/v2/models/{MODEL}/versions/{VERSION}/ready", {"name": MODEL, "ready": True}),
    ],
)
def test_probes_are_answered(served: Served, path: str, answer: dict):
    assert json.loads(served.get(path).body) == answer


def test_the_protocols_clients_learn_what_is_served(served: Served):
    assert json.loads(served.get("/v2").body)["name"] == "perennial"
    for path in (f"/v2/models/{MODEL}", f"/v2/models/{MODEL}/versions/{VERSION}"):
        described = json.loads(served.get(path).body)
        assert described["versions"] == [VERSION]
        assert [one["name"] for one in described["inputs"]] == [one.name for one in INPUTS]
        assert [one["name"] for one in described["outputs"]] == ["predict", "predict_proba"]


def test_a_person_learns_what_to_ask(served: Served):
    page = json.loads(served.get("/").body)
    assert page["model"] == MODEL
    assert page["inputs"][1] == {"name": "distance", "type": "Integer", "nullable": False}


def test_another_model_or_version_is_not_found(served: Served):
    for path in ("/v2/models/other", f"/v2/models/{MODEL}/versions/1", "/v2/models/other/ready"):
        assert served.get(path).status == 404
    assert served.post("/v2/models/other/infer", tensors(ROW)).status == 404


def test_an_unknown_path_is_not_found(served: Served):
    for path in ("/predict/", "/v3", "/v2/models", f"/v2/models/{MODEL}/versions", "//", ""):
        assert served.get(path).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_told_which_one_is_right(served: Served, method: str):
    response = served.get("/predict", method)
    assert response.status == 405
    assert response.headers == {"allow": "POST"}


def test_head_is_answered_like_get(served: Served):
    assert served.get("/v2/health/live", "HEAD").status == 200


def test_a_body_over_the_limit_is_refused(served: Served):
    response = served.post("/predict", b" " * (LIMITS.body_bytes + 1))
    assert response.status == 413


def test_too_many_rows_are_refused(served: Served):
    rows = [{"distance": 1, "carrier": "UA"}] * (LIMITS.rows + 1)
    assert served.post("/predict", rows).status == 413


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/vnd.example+json", 200),
        ("application/x-www-form-urlencoded", 200),  # curl -d
        ("text/csv", 415),
        ("application/octet-stream", 415),
    ],
)
def test_only_a_foreign_content_type_is_refused(served: Served, content_type: str, status: int):
    assert served.post("/predict", ROW).status == 200
    assert served.post("/predict", ROW, {"content-type": content_type}).status == status


def test_a_compressed_body_is_refused(served: Served):
    assert served.post("/predict", ROW, {"content-encoding": "gzip"}).status == 415


def test_an_error_of_ours_tells_the_caller_only_where_it_is_logged(
    flights: BuiltArtifact, caplog: pytest.LogCaptureFixture
):
    served = Served(flights)
    object.__setattr__(served.model, "predictor", None)
    with caplog.at_level(logging.CRITICAL):
        response = served.post("/predict", ROW)
    assert response.status == 500
    assert json.loads(response.body) == {"error": "the server failed; its log says why under test"}
    assert served.counted('perennial_requests_total{code="500",outcome="failed"}') == 1


def test_requests_and_rows_are_counted_by_outcome(served: Served):
    served.post("/predict", {"rows": [ROW, ROW]})
    served.post(INFER, tensors(ROW))
    served.post("/predict", b"")
    served.get("/v2/health/ready")
    assert served.counted('perennial_requests_total{code="200",outcome="answered"}') == 2
    assert served.counted('perennial_requests_total{code="400",outcome="refused"}') == 1
    assert served.counted("perennial_rows_total") == 3
    assert served.counted("perennial_request_seconds_count") == 3


def test_nobody_is_answered_before_the_server_has_proven_itself(flights: BuiltArtifact):
    served = Served(flights, verified=False)
    assert served.post("/predict", ROW).status == 503
    assert served.post("/predict", ROW, {OWN_CHECK: "guessed"}).status == 503
    assert served.get("/v2/health/ready").status == 503
    assert served.get("/v2/health/live").status == 200


def test_the_servers_own_check_is_answered_and_not_counted(flights: BuiltArtifact):
    served = Served(flights, verified=False)
    headers = {OWN_CHECK: served.lifecycle.pass_phrase}
    assert served.post("/predict", ROW, headers).status == 200
    assert served.counted("perennial_rows_total") == 0
    assert served.counted("perennial_request_seconds_count") == 0


def test_a_draining_server_answers_but_is_not_ready(served: Served):
    served.lifecycle.draining = True
    assert served.post("/predict", ROW).status == 200
    assert served.get("/v2/health/ready").status == 503


def test_a_scrape_is_answered_in_the_format_it_asks_for(served: Served):
    assert served.get("/metrics").content_type.startswith("text/plain")
    assert b"perennial_model_info" in served.get("/metrics").body


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=8),
    st.sampled_from(["2013-01-05T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"]),
    st.lists(st.integers(), max_size=2),
)
typed = {
    ColumnType.NUMBER: st.floats(),
    ColumnType.INTEGER: st.integers(),
    ColumnType.CATEGORY: st.text(max_size=8),
    ColumnType.BOOLEAN: st.booleans(),
    ColumnType.TIMESTAMP: st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
}
fitting = st.fixed_dictionaries({one.name: typed[one.type] for one in INPUTS})
names = st.sampled_from([one.name for one in INPUTS]) | st.text(max_size=4)
rows = fitting | st.dictionaries(names, cells, max_size=8)
anything = st.recursive(
    cells,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
datatypes = st.sampled_from(["FP64", "FP32", "INT64", "UINT64", "INT8", "BOOL", "BYTES", "FP16"])
some_tensors = st.fixed_dictionaries(
    {
        "name": names,
        "shape": st.lists(st.integers(-1, 4), max_size=3),
        "datatype": datatypes,
        "data": st.lists(cells, max_size=8) | st.lists(st.lists(cells, max_size=3), max_size=3),
    }
)
requests = st.one_of(
    st.fixed_dictionaries({"rows": st.lists(rows, max_size=3)}),
    st.fixed_dictionaries({"inputs": st.lists(some_tensors, max_size=7)}),
    fitting.map(tensors),
    rows,
    anything,
)


@pytest.fixture(scope="module")
def long_served(flights: BuiltArtifact) -> Served:
    return Served(flights)


@settings(max_examples=40, deadline=None)
@given(body=requests.map(json.dumps).map(str.encode) | st.binary(max_size=64))
def test_nothing_that_a_caller_sends_makes_the_server_fail(long_served: Served, body: bytes):
    for path in ("/predict", INFER):
        response = long_served.post(path, body)
        assert response.status < 500
        assert json.loads(response.body)
