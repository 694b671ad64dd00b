import pytest

from perennial.cluster.cache import Cache, Key
from perennial.observing.gateway import gateway_key, probe_of, route_seen
from perennial.planning.model_deployment.route import marker_path

OWNER = {"kind": "ModelDeployment", "name": "delay", "uid": "its-uid", "controller": True}
ALL = {"allowedRoutes": {"namespaces": {"from": "All"}}}
SAME = {"allowedRoutes": {"namespaces": {"from": "Same"}}}
LISTENERS = (
    {"name": "tcp", "port": 5432, "protocol": "TCP", **ALL},
    {"name": "web", "port": 80, "protocol": "HTTP", **ALL},
    {"name": "secure", "port": 443, "protocol": "HTTPS", "hostname": "*.example.com", **ALL},
)


def deployment(status=None, **route):
    reference = {"name": "public", "namespace": "edge", **route.pop("parent", {})}
    return {
        "metadata": {"name": "delay", "namespace": "delays", "uid": "its-uid"},
        "spec": {"route": {"parentRef": reference, **route}},
        "status": status or {},
    }


def gateway(*addresses, listeners=LISTENERS):
    return {
        "kind": "Gateway",
        "metadata": {"name": "public", "namespace": "edge", "uid": "g", "resourceVersion": "1"},
        "spec": {"listeners": list(listeners)},
        "status": {"addresses": list(addresses)},
    }


ADDRESS = {"type": "IPAddress", "value": "10.0.0.9"}


def route(owner=OWNER, conditions=(), generation=3):
    marker = {"name": "x-perennial-shift", "value": "0123456789"}
    rules = [
        {"matches": [{"headers": [marker]}]},
        {"backendRefs": [{"name": "delay-aaaaaaaaaa", "weight": 75}, {"name": "delay-b"}]},
    ]
    metadata = {
        "name": "delay",
        "namespace": "delays",
        "uid": "r",
        "resourceVersion": "2",
        "generation": generation,
        "ownerReferences": [owner],
    }
    status = {"parents": [{"conditions": list(conditions)}]}
    return {"kind": "HTTPRoute", "metadata": metadata, "spec": {"rules": rules}, "status": status}


def accepted(status="True", generation=3, **more):
    return {"type": "Accepted", "status": status, "observedGeneration": generation, **more}


def cache(*manifests):
    filled = Cache()
    for manifest in manifests:
        filled.put(manifest)
    return filled


FULL = cache(gateway(ADDRESS), route())


def test_the_gateway_is_in_its_own_namespace_or_in_that_of_the_deployment():
    assert gateway_key(deployment()) == Key("Gateway", "edge", "public")
    near = deployment(parent={"namespace": None})
    assert gateway_key(near) == Key("Gateway", "delays", "public")
    assert gateway_key({**deployment(), "spec": {}}) is None


def test_the_weights_and_the_marker_are_read_from_the_route():
    seen = route_seen(FULL, deployment())
    assert seen.weights == {"aaaaaaaaaa": 75, "b": 1}
    assert seen.marker == "0123456789"
    assert seen.is_probed


def test_a_route_of_somebody_else_is_not_its_route():
    foreign = cache(gateway(ADDRESS), route({**OWNER, "uid": "another"}))
    assert route_seen(foreign, deployment()) is None
    assert probe_of(foreign, deployment()) == ()


def test_every_address_of_the_gateway_is_probed_for_the_marker():
    other = {"value": "10.0.0.10"}
    first, second = probe_of(cache(gateway(ADDRESS, other), route()), deployment())
    assert (first.host, first.port, first.is_tls) == ("10.0.0.9", 80, False)
    assert second.host == "10.0.0.10"
    assert first.header == ("x-perennial-shift", "0123456789")
    assert (first.path, first.target) == (marker_path(""), marker_path("", "0123456789"))


def test_the_listener_of_the_route_is_probed_under_a_name_that_it_serves():
    secure = deployment(parent={"sectionName": "secure"}, pathPrefix="/delay")
    (probe,) = probe_of(FULL, secure)
    assert (probe.port, probe.is_tls) == (443, True)
    assert probe.hostname == "perennial-probe.example.com"
    assert probe.path == "/delay/perennial-shift"
    (named,) = probe_of(FULL, deployment(hostnames=["flights.example.com"]))
    assert named.hostname == "flights.example.com"


@pytest.mark.parametrize(
    ("listener", "hostnames", "probed"),
    [
        (ALL, [], [None]),
        (ALL, ["a.example.com", "b.example.com"], ["a.example.com"]),
        (ALL | {"hostname": "a.example.com"}, [], ["a.example.com"]),
        (ALL | {"hostname": "a.example.com"}, ["*.example.com"], ["a.example.com"]),
        (
            ALL | {"hostname": "*.example.com"},
            ["example.com", "a.b.example.com"],
            ["a.b.example.com"],
        ),
        (ALL | {"hostname": "*.example.com"}, ["a.example.org"], []),
        (ALL | {"hostname": "a.example.com"}, ["b.example.com"], []),
        (SAME, [], []),
    ],
)
def test_a_listener_is_probed_if_it_takes_the_route(listener, hostnames, probed):
    web = {"name": "web", "port": 80, "protocol": "HTTP", **listener}
    filled = cache(gateway(ADDRESS, listeners=[web]), route())
    probes = probe_of(filled, deployment(hostnames=hostnames))
    assert [probe.hostname for probe in probes] == probed


def test_a_listener_for_other_routes_is_passed_over():
    inner = {"name": "inner", "port": 81, "protocol": "HTTP", **SAME}
    other = {"name": "other", "port": 82, "protocol": "HTTP", "hostname": "a.example.org", **ALL}
    filled = cache(gateway(ADDRESS, listeners=[inner, other, *LISTENERS]), route())
    (probe,) = probe_of(filled, deployment(hostnames=["flights.example.com"]))
    assert probe.port == 80


@pytest.mark.parametrize(
    "addresses",
    [(), ({"type": "Hostname", "value": "lb.example.com"},), ({"value": "10.0.0.300"},)],
    ids=["none", "a name", "a broken one"],
)
def test_a_gateway_without_an_ip_address_cannot_be_probed(addresses):
    filled = cache(gateway(*addresses), route())
    assert probe_of(filled, deployment()) == ()
    assert not route_seen(filled, deployment()).is_probed
    assert not route_seen(cache(route()), deployment()).is_probed


def test_a_shift_that_is_proven_is_not_probed_again():
    proven = {"shift": {"wanted": "0123456789", "proven": "2026-03-01T12:00:00Z"}}
    older = {"shift": {"wanted": "9876543210", "proven": "2026-03-01T12:00:00Z"}}
    assert probe_of(FULL, deployment(proven)) == ()
    assert probe_of(FULL, deployment(older))


@pytest.mark.parametrize(
    ("conditions", "is_accepted"),
    [
        ((), False),
        ((accepted(),), True),
        ((accepted(generation=2),), False),
        ((accepted(), accepted("False")), False),
    ],
)
def test_a_route_is_accepted_in_its_present_generation_by_every_parent(conditions, is_accepted):
    seen = route_seen(cache(route(conditions=conditions)), deployment())
    assert seen.is_accepted is is_accepted


def test_the_problem_is_in_the_words_of_the_gateway():
    wrong = accepted("False", message="no listener allows routes from namespace delays")
    seen = route_seen(cache(route(conditions=[wrong])), deployment())
    assert seen.problem == "no listener allows routes from namespace delays"
