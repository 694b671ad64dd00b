import pytest

from builders.model_deployment import NAME, NAMESPACE, ROUTE
from perennial.planning.model_deployment.route import (
    http_route,
    marker_of,
    marker_path,
    weights_of,
)
from perennial.planning.model_deployment.traffic import Traffic

A, B = "aaaaaaaaaa", "bbbbbbbbbb"
TRAFFIC = Traffic({A: 75, B: 25}, A, is_shared=False)


def made(prefix=None, reachable=(A, B), hostnames=()):
    route = ROUTE.model_copy(update={"path_prefix": prefix, "hostnames": hostnames})
    return http_route(NAME, NAMESPACE, route, TRAFFIC, reachable)


def header(rule):
    headers = rule["matches"][0].get("headers")
    return (headers[0]["name"], headers[0]["value"]) if headers else None


def paths(route):
    return {
        match["path"]["value"]
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
        if header(rule) is None
    }


def test_the_weights_are_those_of_the_services_of_the_revisions():
    assert weights_of(NAME, made()) == {A: 75, B: 25}
    backends = made()["spec"]["rules"][-1]["backendRefs"]
    assert backends[0] == {"name": f"{NAME}-{A}", "port": 80, "weight": 75}


def test_the_marker_stands_in_the_same_object_and_names_the_weights():
    marker = made()["spec"]["rules"][0]
    assert marker_of(made()) == TRAFFIC.digest
    assert header(marker) == ("x-perennial-shift", TRAFFIC.digest)
    redirect = marker["filters"][0]["requestRedirect"]
    assert redirect["path"]["replaceFullPath"] == f"/perennial-shift/{TRAFFIC.digest}"
    assert "backendRefs" not in marker


def test_each_live_revision_can_be_chosen_by_a_header():
    chosen = {header(rule): rule["backendRefs"] for rule in made()["spec"]["rules"][1:-1]}
    assert chosen[("x-perennial-revision", A)][0]["name"] == f"{NAME}-{A}"
    assert chosen[("x-perennial-revision", B)][0]["name"] == f"{NAME}-{B}"


@pytest.mark.parametrize("prefix", [None, "/delay"])
def test_predictions_feedback_and_descriptions_are_reached_and_metrics_are_not(prefix):
    start = prefix or ""
    reached = {f"{start}{path}" for path in ("/openapi.json", "/predict", "/feedback", "/v2")}
    assert paths(made(prefix)) == {*reached, start or "/"}


def test_a_prefix_is_removed_before_a_request_is_forwarded():
    rules = [rule for rule in made("/delay")["spec"]["rules"] if header(rule) is None]
    rewritten = {
        rule["matches"][0]["path"]["value"]: rule["filters"][0]["urlRewrite"]["path"]
        for rule in rules
    }
    assert rewritten["/delay"] == {"type": "ReplaceFullPath", "replaceFullPath": "/"}
    assert rewritten["/delay/v2"] == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/v2"}
    assert marker_path("/delay") == "/delay/perennial-shift"


def test_a_route_has_at_most_sixteen_rules():
    assert len(made("/delay")["spec"]["rules"]) == 16


def test_a_prefix_match_is_rewritten_only_where_it_is_the_only_match():
    for rule in made("/delay")["spec"]["rules"]:
        assert len(rule["matches"]) == 1


def test_the_gateway_and_the_host_names_are_those_of_the_spec():
    spec = made(hostnames=("flights.example.com",))["spec"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "edge"}]
    assert spec["hostnames"] == ["flights.example.com"]


def test_a_route_that_somebody_emptied_has_no_weights_and_no_marker():
    assert weights_of(NAME, {"spec": {}}) == {}
    assert marker_of({"spec": {"rules": [{"backendRefs": [{"name": "other"}]}]}}) is None
