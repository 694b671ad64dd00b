import json

import pytest

from builders.small_model import INPUTS, MODEL, REFUSED_DISTANCE, ROW, VERSION, schema, small_model
from doubles.service import LIMITS, Served
from perennial_serving.http.messages import Request
from perennial_serving.wire.datatypes import DATATYPES

INFER = f"/v2/models/{MODEL}/infer"
BY_VERSION = f"/v2/models/{MODEL}/versions/{VERSION}"


@pytest.fixture
def served() -> Served:
    return Served()


def tensors(row: dict, **more) -> dict:
    inputs = [
        {
            "name": one.name,
            "shape": [1],
            "datatype": next(iter(DATATYPES[one.type])),
            "data": [row[one.name]],
        }
        for one in INPUTS
    ]
    return {"inputs": inputs, **more}


def test_tensors_are_answered_as_rows_are(served: Served):
    by_rows = json.loads(served.post("/predict", ROW).body)["predictions"][0]
    for path in (INFER, f"{BY_VERSION}/infer"):
        outputs = json.loads(served.post(path, tensors(ROW)).body)["outputs"]
        assert outputs[0]["data"] == [by_rows["prediction"]]
        assert outputs[1]["data"] == list(by_rows["probabilities"].values())


def test_a_regression_is_answered_with_numbers():
    served = Served(small_model(schema(classes=None)))
    (by_rows,) = json.loads(served.post("/predict", ROW).body)["predictions"]
    wanted = [{"name": "predict"}]
    (output,) = json.loads(served.post(INFER, tensors(ROW, outputs=wanted)).body)["outputs"]
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


def test_a_row_without_an_answer_is_found_in_the_tensor_it_came_in(served: Served):
    response = served.post(INFER, tensors({**ROW, "distance": REFUSED_DISTANCE}))
    assert response.status == 422
    assert json.loads(response.body)["path"] == "$.inputs[2].data[0]"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"name": MODEL, "ready": True}),
        (f"/v2/models/{MODEL}/ready", {"name": MODEL, "ready": True}),
        (f"{BY_VERSION}/ready", {"name": MODEL, "ready": True}),
    ],
)
def test_probes_are_answered(served: Served, path: str, answer: dict):
    assert json.loads(served.get(path).body) == answer


def test_a_server_that_is_not_verified_or_drains_is_alive_and_not_ready(served: Served):
    served.readiness.draining = True
    assert served.post("/predict", ROW).status == 200
    for server in (served, Served(verified=False)):
        assert server.get("/v2/health/ready").status == 503
        assert server.get("/v2/health/live").status == 200


def test_the_protocols_clients_learn_what_is_served(served: Served):
    for path in ("/v2", "/v2/"):
        assert json.loads(served.get(path).body)["name"] == "perennial"
    for path in (f"/v2/models/{MODEL}", BY_VERSION):
        described = json.loads(served.get(path).body)
        assert described["versions"] == [VERSION]
        assert [one["name"] for one in described["inputs"]] == [one.name for one in INPUTS]


def test_a_browser_gets_a_page_and_a_program_gets_json(served: Served):
    page = served.get("/", headers={b"accept": b"text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.content_type.startswith("text/html")
    assert "default-src 'none'" in dict(page.headers)["content-security-policy"]
    for accepted in (
        b"",
        b"*/*",
        b"text/html;q=0, application/json",
        b"application/json, text/html;q=0.5",
    ):
        headers = {b"accept": accepted}
        assert json.loads(served.get("/", headers=headers).body)["model"] == MODEL


def test_the_api_describes_itself(served: Served):
    assert json.loads(served.get("/openapi.json").body)["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v2/models/other", "no model other"),
        ("/v2/models/other/versions/1/infer", "no model other"),
        (f"/v2/models/{MODEL}/versions/1", "no version 1"),
        (f"/v2/models/{MODEL}/versions/1/infer", "no version 1"),
        ("/v3", "nothing at /v3"),
    ],
)
def test_what_is_not_there_is_not_found_in_these_words(served: Served, path: str, words: str):
    for response in (served.get(path), served.post(path, tensors(ROW))):
        assert response.status == 404
        assert words in json.loads(response.body)["error"]


def test_an_unknown_path_is_not_found(served: Served):
    for path in ("/predict/", "/v2/models", f"/v2/models/{MODEL}/versions", "//", "", "*"):
        assert served.get(path).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_another_method_is_told_which_one_is_right(served: Served, method: str):
    response = served.get("/predict", method)
    assert response.status == 405
    assert response.headers == (("allow", "POST"),)


def test_head_is_answered_like_get(served: Served):
    assert served.get("/v2/health/live", "HEAD").status == 200


def test_a_body_over_the_limit_is_refused(served: Served):
    assert served.post("/predict", b" " * (LIMITS.body_bytes + 1)).status == 413


def test_too_many_rows_are_refused(served: Served):
    rows = [{"distance": 1, "carrier": "UA"}] * (LIMITS.rows + 1)
    assert served.post("/predict", rows).status == 413


def test_a_label_is_counted_for_its_prediction(served: Served):
    (one,) = json.loads(served.post("/predict", ROW).body)["predictions"]
    label = {"id": one["prediction_id"], "label": False}
    assert json.loads(served.post("/feedback", label).body)["counted"] == 1
    assert json.loads(served.post("/feedback", {"feedback": [label]}).body)["repeated"] == 1


def test_labels_that_cannot_be_read_are_refused_with_their_place(served: Served):
    response = served.post("/feedback", {"feedback": [{"id": "x", "label": []}]})
    assert response.status == 400
    assert json.loads(response.body)["path"] == "$.feedback[0].label"
    assert served.post("/feedback", {"id": "x", "label": 1}).status == 422
    assert served.post("/feedback", b" " * (LIMITS.body_bytes + 1)).status == 413
    assert served.post("/feedback", b"id,label", {b"content-type": b"text/csv"}).status == 415


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/predict", "405"),
        ("POST", "/v2/models/another/infer", "404"),
        ("POST", "/v2/models/flight-delay/versions/flight-delay-0/infer", "404"),
    ],
)
def test_who_asks_for_predictions_in_vain_is_counted(method: str, path: str, code: str):
    served = Served()
    served.ask(Request(method, path, {}, b"{}", "test"))
    assert served.counted("perennial_requests_total", f'outcome="refused",code="{code}"') == 1


def test_who_asks_for_something_else_in_vain_is_not():
    served = Served()
    served.ask(Request("POST", "/v2/models/flight-delay/inferno", {}, b"{}", "test"))
    served.ask(Request("GET", "/predictions", {}, b"", "test"))
    assert served.counted("perennial_requests_total", 'outcome="refused",code="404"') == 0


def test_a_long_body_of_labels_is_read_beside_the_event_loop():
    served = Served(limits=type(LIMITS)(1 << 20, 10_000))
    labels = {"feedback": [{"id": "x" * 80, "label": True}] * 1000}
    assert json.loads(served.post("/feedback", labels).body)["refused"] == 1000


def test_a_scrape_is_answered(served: Served):
    response = served.get("/metrics")
    assert response.content_type.startswith("text/plain; version=0.0.4")
    assert b"perennial_model_info" in response.body
