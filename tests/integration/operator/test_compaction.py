"""Nobody remembers what the operator missed: the API server itself has forgotten it."""

import time

import pytest

from doubles.operator_parts import dataset
from harness.local import cluster as local
from harness.local import history

pytestmark = pytest.mark.integration

CHILDREN = (("Job", "flights-job"), ("Service", "flights"))


@pytest.fixture
def _local(cluster):
    """Compact only the store of a cluster that is the harness's own from etcd up."""
    if cluster is not local:
        pytest.skip("the local cluster alone gives access to its etcd")


@pytest.mark.usefixtures("_local")
def test_children_removed_before_a_compaction_come_back(namespace, start, proxy):
    faults, through = proxy
    operator = start(through)
    operator.wait_for("leading")
    namespace.apply(dataset(namespace=None))
    namespace.wait_for("Dataset", "flights", "Ready", 20)
    before = {child: namespace.get(*child)["metadata"] for child in CHILDREN}

    unseen(namespace, faults)
    history.forget()
    for kind, name in CHILDREN:
        assert is_forgotten(namespace, kind, before[kind, name]["resourceVersion"])
    faults.held_watches.clear()
    relisted = time.monotonic()

    for kind, name in CHILDREN:
        uid = before[kind, name]["uid"]
        namespace.wait_for(kind, name, lambda found, uid=uid: found["metadata"]["uid"] != uid, 15)
        assert operator.number("perennial_ghosts_total", kind=kind) == 1
    assert time.monotonic() - relisted < 15


def unseen(namespace, faults):
    """Remove the children while nobody may watch their kinds."""
    for plural in (f"{kind.lower()}s" for kind, _ in CHILDREN):
        faults.held_watches.add(plural)
        faults.cut(plural)
    for kind, name in CHILDREN:
        namespace.delete(kind, name)
        namespace.wait_gone(kind, name)


def is_forgotten(namespace, kind, version):
    """Tell whether the API server refuses to tell what has happened since a version."""
    path = namespace.api.resource(kind).path(namespace.namespace)
    (first, *_) = namespace.api.watch(path, {"resourceVersion": version}, 5)
    return (first["type"], first["object"].get("code")) == ("ERROR", 410)
