"""How the operator's process adapts to the kinds that the API server serves."""

from functools import partial

import pytest

from doubles import operator_parts

pytestmark = pytest.mark.integration
dataset = partial(operator_parts.dataset, namespace=None)

OURS = "/apis/perennial.dev/v1alpha1"
POLICY = "/apis/policy/v1"
GATEWAY_API = "/apis/gateway.networking.k8s.io/v1"


def test_missing_definitions_end_the_start_with_the_way_to_install_them(start, proxy):
    faults, through = proxy
    faults.hidden.add(OURS)
    operator = start(through)
    assert operator.ended(seconds=20) == 1
    log = operator.log.read_text()
    assert "does not serve Dataset (perennial.dev/v1alpha1)" in log
    assert "`kubectl apply -f crds/`" in log


def test_a_missing_kind_of_kubernetes_ends_the_start(start, proxy):
    faults, through = proxy
    faults.hidden.add(POLICY)
    operator = start(through)
    assert operator.ended(seconds=20) == 1
    assert "PodDisruptionBudget (policy/v1)" in operator.log.read_text()


def test_optional_kinds_that_appear_end_the_process_for_a_successor(namespace, start, proxy):
    faults, through = proxy
    faults.hidden.add(GATEWAY_API)
    begin = partial(start, through, pauses={"resync": "5s"})
    first = begin()
    first.wait_for("leading")
    namespace.apply(dataset())
    namespace.wait_for("Dataset", "flights", "Ready", 20)
    faults.hidden.clear()
    assert first.ended(seconds=20) == 0
    log = first.log.read_text()
    assert "the API server serves new kinds" in log
    assert "HTTPRoute" in log
    second = begin()
    second.wait_for("leading")
    namespace.apply(dataset("trains"))
    namespace.wait_for("Dataset", "trains", "Ready", 20)
