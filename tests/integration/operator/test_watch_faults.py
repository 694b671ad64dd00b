"""What a broken watch does to the operator: it heals, or it ends and a new one heals."""

import time
from functools import partial

import pytest

from doubles import operator_parts
from harness.fault_proxy import BROKEN, GONE

pytestmark = pytest.mark.integration
dataset = partial(operator_parts.dataset, namespace=None)


@pytest.fixture
def settled(namespace, start, proxy):
    """Return a settled operator behind the proxy."""
    _, through = proxy
    operator = start(through)
    operator.wait_for("leading")
    namespace.apply(dataset())
    namespace.wait_for("Dataset", "flights", "Ready", 20)
    time.sleep(1)
    return operator


def changed_uid(namespace, kind, name, uid, seconds):
    started = time.monotonic()
    namespace.wait_for(kind, name, lambda found: found["metadata"]["uid"] != uid, seconds)
    return time.monotonic() - started


@pytest.mark.parametrize(("kind", "name"), [("Job", "flights-job"), ("Service", "flights")])
def test_a_child_whose_deletion_was_missed_comes_back(namespace, settled, proxy, kind, name):
    faults, _ = proxy
    plural = f"{kind.lower()}s"
    uid = namespace.get(kind, name)["metadata"]["uid"]
    faults.refused_watches[plural] = 503
    faults.cut(plural, then=GONE)
    namespace.delete(kind, name)
    time.sleep(2)
    assert namespace.find(kind, name) is None
    del faults.refused_watches[plural]
    assert changed_uid(namespace, kind, name, uid, seconds=15) < 15
    assert settled.number("perennial_ghosts_total", kind=kind) == 1
    assert settled.number("perennial_relists_total", kind=kind) >= 1


@pytest.mark.parametrize("code", [403, 410, 429, 503])
def test_refused_watches_end_in_recovery_or_in_a_clean_end(namespace, settled, proxy, code, start):
    faults, through = proxy
    for plural in ("datasets", "services"):
        faults.refused_watches[plural] = code
        faults.cut(plural)
    time.sleep(3)
    faults.refused_watches.clear()
    _converges(namespace, settled, start, through)


@pytest.mark.parametrize("event", [GONE, BROKEN], ids=["gone", "broken"])
def test_an_error_inside_a_watch_ends_in_recovery_or_in_a_clean_end(
    namespace, settled, proxy, event, start
):
    faults, through = proxy
    faults.cut("datasets", then=event)
    time.sleep(3)
    _converges(namespace, settled, start, through)


def test_an_api_server_that_is_away_is_waited_for(namespace, settled, proxy, start):
    faults, through = proxy
    faults.refusal = 503
    for plural in ("datasets", "jobs", "services"):
        faults.cut(plural)
    time.sleep(8)
    faults.refusal = 0
    _converges(namespace, settled, start, through)


def _converges(namespace, operator, start, through):
    """A new object is worked on within 20 s, by this process or by its successor."""
    if operator.process.poll() is not None:
        assert operator.process.returncode == 1
        operator = start(through)
        operator.wait_for("leading")
    namespace.apply(dataset("trains"))
    deadline = time.monotonic() + 20
    while not _is_ready(namespace, "trains"):
        if operator.process.poll() is not None:
            assert operator.process.returncode == 1
            operator = start(through)
        assert time.monotonic() < deadline, operator.log.read_text()
        time.sleep(0.2)


def _is_ready(namespace, name):
    stated = namespace.get("Dataset", name).get("status", {}).get("conditions") or ()
    return any((each["type"], each["status"]) == ("Ready", "True") for each in stated)
