"""Requests that name their revision: answered by that revision alone, and counted apart."""

import gzip
import json

import pytest

from builders.small_model import MODEL, REFUSED_DISTANCE, ROW, small_model
from doubles.service import Served
from perennial.artifacts.tier import Tier
from perennial_serving.endpoints.predict import SELF_CHECK_HEADER
from perennial_serving.http.messages import Request, Response

OWN, OTHER = "3f9c1a2b4d", "aaaaaaaaaa"
NAMED = {b"x-perennial-revision": OWN.encode()}
MISNAMED = {b"x-perennial-revision": OTHER.encode()}
EXPLICIT = "perennial_explicit_requests_total"


def evidence(served: Served) -> dict[str, float]:
    """Return every counter but that of requests that name their revision."""
    served.counters.flush()
    lines = served.get("/metrics").body.decode().splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values if not name.startswith(EXPLICIT)}


def outcomes(served: Served) -> dict[str, float]:
    names = ("answered", "refused", "failed", "misdirected")
    return {name: served.counted(EXPLICIT, f'outcome="{name}"') for name in names}


@pytest.fixture(params=list(Tier))
def served(request: pytest.FixtureRequest) -> Served:
    return Served(small_model(tier=request.param), revision=OWN)


def test_a_request_that_names_its_revision_is_answered_and_counted_in_one_series_alone(
    served: Served,
):
    before = evidence(served)
    plain = json.loads(served.post("/predict", [ROW, ROW]).body)["predictions"]
    served = Served(served.model, revision=OWN)
    named = json.loads(served.post("/predict", [ROW, ROW], NAMED).body)["predictions"]
    assert [one.pop("prediction_id") != "" for one in plain] == [True, True]
    assert named == plain  # without an id, no label of it can be counted either
    assert outcomes(served) == {"answered": 1, "refused": 0, "failed": 0, "misdirected": 0}
    assert {**evidence(served), **started(before)} == before


def started(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if "start_time" in name}


@pytest.mark.parametrize(
    ("body", "more", "outcome"),
    [
        ({**ROW, "distance": REFUSED_DISTANCE}, {}, "refused"),
        (b"", {}, "refused"),
        (gzip.compress(json.dumps(ROW).encode()), {b"content-encoding": b"gzip"}, "answered"),
        (b"no gzip", {b"content-encoding": b"gzip"}, "refused"),
    ],
)
def test_whatever_becomes_of_it_is_counted_apart(served: Served, body, more: dict, outcome: str):
    before = evidence(served)
    served.post("/predict", body, {**NAMED, **more})
    assert outcomes(served)[outcome] == sum(outcomes(served).values()) == 1
    assert evidence(served) == before


def test_a_failure_of_the_server_is_counted_apart(served: Served, monkeypatch: pytest.MonkeyPatch):
    before = evidence(served)
    form = served.service._routes["/predict"]["POST"]._format
    monkeypatch.setattr(form, "write", lambda *_: 1 / 0)
    assert served.post("/predict", ROW, NAMED).status == 500
    assert outcomes(served)["failed"] == 1
    assert evidence(served) == before


def test_requests_of_one_turn_are_counted_each_in_its_way(served: Served):
    body = json.dumps(ROW).encode()
    requests = [Request("POST", "/predict", headers, body) for headers in ({}, NAMED, {}, NAMED)]
    assert [response.status for response in served.ask(*requests)] == [200] * 4
    assert outcomes(served)["answered"] == 2
    assert served.counted("perennial_requests_total", 'code="200"') == 2
    assert served.counted("perennial_rows_total", "answered") == 2


@pytest.mark.parametrize("path", ["/predict", f"/v2/models/{MODEL}/infer"])
def test_a_request_that_names_another_revision_gets_no_answer_of_this_one(
    served: Served, path: str
):
    before = evidence(served)
    response = served.post(path, ROW, MISNAMED)
    assert response.status == 421
    assert json.loads(response.body) == {
        "error": f"this server is not revision {OTHER}: its revision is {OWN}"
    }
    assert outcomes(served) == {"answered": 0, "refused": 0, "failed": 0, "misdirected": 1}
    assert evidence(served) == before


def test_descriptions_and_labels_are_not_given_to_another_revision_either(served: Served):
    assert served.get("/", headers=MISNAMED).status == 421
    assert served.get(f"/v2/models/{MODEL}", headers=NAMED).status == 200
    assert served.post("/feedback", {"id": "x", "label": True}, MISNAMED).status == 421
    assert sum(outcomes(served).values()) == 0  # only requests for predictions are counted


def test_a_server_without_a_revision_is_none_that_a_request_can_name():
    served = Served()
    response = served.post("/predict", ROW, NAMED)
    assert response.status == 421
    assert json.loads(response.body)["error"].endswith("it has no revision")


def test_requests_that_are_rejected_on_the_way_are_counted_apart(served: Served):
    before = evidence(served)
    served.service.count(Request("", "/predict", NAMED), Response(b"", 413))
    served.get("/predict", headers=NAMED)
    assert outcomes(served)["refused"] == 2
    assert evidence(served) == before


def test_a_server_that_is_not_verified_answers_nobody_by_name():
    served = Served(verified=False, revision=OWN)
    assert served.post("/predict", ROW, NAMED).status == 503
    assert outcomes(served)["failed"] == 1
    own = {SELF_CHECK_HEADER.encode(): served.readiness.self_check_token.encode()}
    assert served.post("/predict", ROW, {**own, **NAMED}).status == 200
    assert sum(outcomes(served).values()) == 1
