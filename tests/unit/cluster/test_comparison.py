import pytest

from perennial.cluster.comparison import contains


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ({"a": 1, "defaulted": True}, {"a": 1}),
        ({"resources": {"requests": {"cpu": "1"}}}, {"resources": {"requests": {"cpu": "1000m"}}}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1024Mi"}}),
        ({"limits": {"cpu": "2"}}, {"limits": {"cpu": 2}}),
        ({"emptyDir": {"sizeLimit": "1Gi"}}, {"emptyDir": {"sizeLimit": "1073741824"}}),
        (
            {"containers": [{"name": "proxy"}, {"name": "a", "image": "i"}]},
            {"containers": [{"name": "a"}]},
        ),
        ({"args": ["x"]}, {"args": ("x",)}),
        ({}, {"tolerations": [], "labels": {}, "nothing": None}),
        ({"ports": [{"port": 80, "nodePort": 3}]}, {"ports": [{"port": 80}]}),
    ],
)
def test_the_wanted_fields_are_present(present, wanted):
    assert contains(present, wanted)


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ({}, {"a": 1}),
        ({"labels": {"cpu": "1"}}, {"labels": {"cpu": "1000m"}}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "nonsense"}}),
        ({"requests": {"cpu": "other"}}, {"requests": {"cpu": "nonsense"}}),
        ({"args": ["x", "y"]}, {"args": ["x"]}),
        ({"containers": [{"name": "b"}]}, {"containers": [{"name": "a"}]}),
        ({"a": "text"}, {"a": {"b": 1}}),
        ({"a": "text"}, {"a": [{"b": 1}]}),
    ],
)
def test_a_wanted_field_is_missing_or_has_another_value(present, wanted):
    assert not contains(present, wanted)


def selecting(kind, selector):
    return {"kind": kind, "spec": {"selector": selector}}


SERVICE = selecting("Service", {"app": "delay"})
BUDGET = selecting("PodDisruptionBudget", {"matchLabels": {"app": "delay"}})


@pytest.mark.parametrize("wanted", [SERVICE, BUDGET], ids=["service", "budget"])
def test_the_same_selector_is_no_difference(wanted):
    assert contains(wanted | {"metadata": {"uid": "u1"}}, wanted)


@pytest.mark.parametrize(
    ("wanted", "selector"),
    [
        (SERVICE, {"app": "delay", "slot": "b"}),
        (SERVICE, {}),
        (BUDGET, {"matchLabels": {"app": "delay", "slot": "b"}}),
        (
            BUDGET,
            {
                "matchLabels": {"app": "delay"},
                "matchExpressions": [{"key": "slot", "operator": "Exists"}],
            },
        ),
    ],
)
def test_a_further_key_in_a_selector_is_a_difference(wanted, selector):
    assert not contains(selecting(wanted["kind"], selector), wanted)


def test_further_labels_and_annotations_are_no_difference():
    labels = {"labels": {"app": "delay", "team": "b"}, "annotations": {"x": "y"}}
    assert contains(
        SERVICE | {"metadata": labels}, SERVICE | {"metadata": {"labels": {"app": "delay"}}}
    )


def test_a_map_beside_a_key_named_selector_is_not_whole():
    present = {"kind": "Service", "metadata": {"labels": {"selector": "a", "more": "b"}}}
    assert contains(present, {"kind": "Service", "metadata": {"labels": {"selector": "a"}}})


def backend(name, weight):
    return {"name": name, "port": 80, "weight": weight}


def served(backend):
    """Return a backend with what the API server adds to it."""
    return {"group": "", "kind": "Service"} | backend


def rule(*backends, path="/", **fields):
    matches = [{"path": {"type": "PathPrefix", "value": path}}]
    return {"matches": matches, "backendRefs": list(backends)} | fields


def route(*rules):
    return {"kind": "HTTPRoute", "spec": {"parentRefs": [{"name": "web"}], "rules": list(rules)}}


STABLE, CANARY = backend("delay-a", 90), backend("delay-b", 10)
WANTED = route(rule(STABLE, CANARY))


def test_a_route_with_the_defaults_of_the_api_server_is_no_difference():
    present = route(rule(served(STABLE), served(CANARY), timeouts={"request": "10s"}))
    present["spec"]["parentRefs"][0] |= {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
    assert contains(present, WANTED)


@pytest.mark.parametrize(
    "present",
    [
        route(rule(STABLE, CANARY), rule(STABLE, path="/v2")),
        route(rule(STABLE, CANARY, backend("other", 1))),
        route(rule(STABLE)),
        route(rule(CANARY, STABLE)),
        route(rule(STABLE, CANARY | {"weight": 50})),
        route(rule(STABLE, CANARY, path="/v2")),
        route(rule(STABLE, CANARY, matches=[*rule()["matches"], {"method": "GET"}])),
        route(),
    ],
    ids=["rule", "backend", "fewer", "order", "weight", "path", "match", "none"],
)
def test_any_other_entry_in_a_route_is_a_difference(present):
    assert not contains(present, WANTED)


def test_a_stated_empty_list_guards_a_route_against_entries_of_others():
    wanted = route(rule(STABLE, CANARY, filters=[]))
    assert contains(route(rule(STABLE, CANARY)), wanted)
    assert not contains(route(rule(STABLE, CANARY, filters=[{"type": "URLRewrite"}])), wanted)


def test_a_matched_header_too_many_is_a_difference():
    matches = {"headers": [{"name": "a", "value": "1"}]}
    more = {"headers": [*matches["headers"], {"name": "b", "value": "2"}]}
    assert not contains(route(rule(matches=[more])), route(rule(matches=[matches])))


def test_a_container_or_port_of_others_in_a_list_map_is_no_difference():
    def deployment(*containers):
        return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}}

    server, sidecar = {"name": "server", "image": "server:1"}, {"name": "proxy"}
    assert contains(deployment(sidecar, server), deployment(server))
    ports = [{"port": 80, "protocol": "TCP"}, {"port": 9090, "protocol": "TCP"}]
    present = {"kind": "Service", "spec": {"ports": ports}}
    assert contains(present, {"kind": "Service", "spec": {"ports": [{"port": 80}]}})
