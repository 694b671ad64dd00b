import asyncio
import gzip
import json
import logging

import pytest

from builders.small_model import INPUTS, REFUSED_DISTANCE, ROW, schema, small_model
from doubles.service import Served
from perennial.artifacts.tier import Tier
from perennial_serving.endpoints.predict import SELF_CHECK_HEADER
from perennial_serving.http.messages import Request, Response


def own(served: Served) -> dict[bytes, bytes]:
    return {SELF_CHECK_HEADER.encode(): served.readiness.self_check_token.encode()}


def asked(*rows: dict) -> Request:
    return Request("POST", "/predict", {}, json.dumps({"rows": rows}).encode(), "test")


def late(response: Response) -> list[float]:
    return [one["probabilities"]["true"] for one in json.loads(response.body)["predictions"]]


@pytest.mark.parametrize("tier", list(Tier))
def test_all_requests_of_one_turn_are_answered_in_one_call_and_each_gets_its_own(tier: Tier):
    served = Served(small_model(tier=tier))
    delays = [0.0, 10.0, 20.0, 30.0]
    rows = [{**ROW, "dep_delay": delay} for delay in delays]
    together = served.ask(asked(rows[0]), asked(rows[1], rows[2]), asked(rows[3]))
    assert served.model.predictor.calls == [4]
    assert [response.rows for response in together] == [1, 2, 1]
    alone = [late(served.ask(asked(row))[0])[0] for row in rows]
    assert [likely for response in together for likely in late(response)] == alone
    assert served.counted("perennial_rows_total", "answered") == 8
    assert served.counted("perennial_requests_total", 'code="200"') == 7


@pytest.mark.parametrize("tier", list(Tier))
def test_a_refused_row_fails_only_its_own_request(tier: Tier):
    served = Served(small_model(tier=tier))
    bad = {**ROW, "distance": REFUSED_DISTANCE}
    responses = served.ask(asked(ROW), asked(ROW, bad), asked(ROW), asked({**ROW, "carrier": 7}))
    assert [response.status for response in responses] == [200, 422, 200, 400]
    assert json.loads(responses[1].body)["path"] == "$.rows[1].distance"
    assert served.counted("perennial_rows_total", "answered") == 2
    assert served.counted("perennial_rows_total", "refused") == 2


@pytest.mark.parametrize("tier", list(Tier))
def test_a_caller_who_left_holds_up_nobody(tier: Tier):
    served = Served(small_model(tier=tier))

    async def ask() -> Response:
        gone, stays = (served.service.handle(asked(ROW)) for _ in range(2))
        gone.cancel()
        return await stays

    assert asyncio.run(ask()).status == 200


def test_rows_that_would_hold_up_the_event_loop_are_answered_in_smaller_groups():
    served = Served()
    served.service.set_row_cost(microseconds_per_row=700)
    served.ask(asked(ROW), asked(ROW), asked(ROW), asked(ROW, ROW, ROW), asked(ROW))
    assert sorted(served.model.predictor.calls) == [1, 1, 2, 3]
    assert served.counted("perennial_rows_total", "answered") == 7


def test_a_form_that_cannot_write_its_answer_fails_its_requests(monkeypatch: pytest.MonkeyPatch):
    served = Served()
    form = served.service._routes["/predict"]["POST"]._format
    monkeypatch.setattr(form, "write", lambda *_: 1 / 0)
    assert [response.status for response in served.ask(asked(ROW), asked(ROW))] == [500, 500]
    assert served.counted("perennial_requests_total", 'code="500"') == 2


def test_a_compressed_body_is_read_beside_the_event_loop():
    body = gzip.compress(json.dumps(ROW).encode())
    served = Served()
    assert served.post("/predict", body, {b"content-encoding": b"gzip"}).status == 200
    assert served.post("/predict", b"plain", {b"content-encoding": b"gzip"}).status == 400
    assert served.post("/predict", body, {b"content-encoding": b"br"}).status == 415


def test_requests_and_rows_are_counted_by_outcome():
    served = Served()
    served.post("/predict", {"rows": [ROW, ROW]})
    served.post("/predict", {**ROW, "distance": REFUSED_DISTANCE})
    served.post("/predict", b"")
    served.get("/v2/health/ready")
    assert served.counted("perennial_requests_total", 'code="200"') == 1
    assert served.counted("perennial_requests_total", 'code="422"') == 1
    assert served.counted("perennial_requests_total", 'code="400"') == 1
    assert served.counted("perennial_rows_total", "answered") == 2
    assert served.counted("perennial_rows_total", "refused") == 1
    assert served.counted("perennial_request_seconds_count") == 1


def test_each_row_has_a_prediction_id_of_its_own():
    predictions = json.loads(Served().post("/predict", [ROW, ROW]).body)["predictions"]
    assert len({one["prediction_id"] for one in predictions}) == 2


def test_nobody_is_answered_before_the_server_has_proven_itself():
    served = Served(verified=False)
    assert served.post("/predict", ROW).status == 503
    assert served.post("/predict", ROW, {SELF_CHECK_HEADER.encode(): b"guessed"}).status == 503
    assert served.counted("perennial_request_seconds_count") == 0
    assert served.counted("perennial_requests_total", 'code="503"') == 2


def test_the_servers_own_check_is_answered_and_neither_counted_nor_named():
    served = Served(verified=False)
    response = served.post("/predict", ROW, own(served))
    assert "prediction_id" not in json.loads(response.body)["predictions"][0]
    assert served.counted("perennial_rows_total", "answered") == 0
    assert served.counted("perennial_request_seconds_count") == 0


def test_a_caller_who_pretends_to_be_the_server_is_a_caller():
    served = Served()
    assert served.post("/predict", ROW, {SELF_CHECK_HEADER.encode(): b"guessed"}).status == 200
    assert served.counted("perennial_rows_total", "answered") == 1


@pytest.mark.parametrize("column", ["time_hour", "booked_at"])
def test_the_delay_of_a_row_is_counted_whether_its_time_is_an_input_or_not(column: str):
    served = Served(small_model(schema(time_column=column)))
    long_ago = {key: value for key, value in ROW.items() if key != "time_hour"}
    served.post("/predict", {**long_ago, column: "2013-01-05T09:00:00Z"})
    assert served.counted("perennial_time_delay_seconds_total", "behind") > 1e8


LIMITED = tuple(
    one.model_copy(update={"contract_maximum": 100.0}) if one.name == "dep_delay" else one
    for one in INPUTS
)


def test_a_row_outside_of_the_contract_is_answered_and_counted():
    served = Served(small_model(schema(inputs=LIMITED)))
    assert served.post("/predict", {**ROW, "dep_delay": 101}).status == 200
    assert served.counted("perennial_rows_total", "answered") == 1


def test_a_row_outside_of_the_contract_is_refused_where_the_spec_says_so():
    served = Served(small_model(schema(inputs=LIMITED)), refuses=True)
    response = served.post("/predict", {"rows": [ROW, {**ROW, "dep_delay": 101}]})
    assert response.status == 422
    assert json.loads(response.body)["path"] == "$.rows[1].dep_delay"
    assert served.counted("perennial_rows_total", "refused") == 2
    assert served.counted("perennial_rows_total", "answered") == 0


@pytest.mark.parametrize("tier", list(Tier))
def test_an_error_of_ours_tells_the_caller_only_where_it_is_logged(
    tier: Tier, caplog: pytest.LogCaptureFixture
):
    model = small_model(tier=tier)
    served = Served(model)
    model.predictor.schema = None
    with caplog.at_level(logging.CRITICAL):
        response = served.post("/predict", ROW)
    assert response.status == 500
    assert json.loads(response.body) == {"error": "the server failed; its log says why under test"}
    assert served.counted("perennial_requests_total", 'code="500"') == 1
