from datetime import timedelta

import pytest

from builders.decision import ALICE, decision, record, spec
from builders.job import NOON
from doubles.memory_cluster import MemoryCluster
from perennial.api.times import to_timestamp
from perennial.cluster.cache import Cache, Key
from perennial.cluster.errors import ForbiddenError
from perennial.observing.decision import DecisionReconciler, Looked

CHURN = Key("ModelDeployment", "shop", "churn")
PENDING = {"conditions": [{"type": "Admitted", "status": "True"}]}


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
def cache():
    return Cache()


@pytest.fixture
def reconciler(cache, cluster):
    return DecisionReconciler(cache, cluster, cluster)


def manifest(kind, name, version="1", **parts):
    metadata = {
        "name": name,
        "namespace": "shop",
        "uid": f"uid-{name}",
        "generation": 1,
        "resourceVersion": version,
        "creationTimestamp": to_timestamp(NOON),
    }
    return {"kind": kind, "metadata": metadata, **parts}


def promote(status=None):
    written = spec().model_dump(mode="json", by_alias=True, exclude_none=True)
    return manifest("Decision", "promote", spec=written, status=status or {})


def churn(*records):
    stated = [each.model_dump(mode="json", by_alias=True) for each in records]
    return manifest("ModelDeployment", "churn", spec={}, status={"decisions": stated})


def test_a_pending_decision_wakes_with_its_subject_and_a_settled_one_rests(reconciler):
    assert reconciler.references(promote()) == (CHURN,)
    assert reconciler.references(promote({"outcome": "Applied"})) == ()


def test_a_decision_wakes_its_subject(reconciler):
    assert reconciler.concerns(promote()) == (CHURN,)


async def test_the_policies_are_looked_up_once(reconciler, cache, cluster):
    cache.put(churn())
    assert await reconciler.look(promote(), NOON) == Looked(is_enforced=True)
    assert await reconciler.look(promote(PENDING), NOON) == Looked()
    assert await reconciler.look(promote({"outcome": "Applied"}), NOON) == Looked()
    assert cluster.calls == [("is_enforced", "Decision", "shop")]


async def test_policies_that_are_not_in_force_are_noticed(reconciler, cache, cluster):
    cache.put(churn())
    cluster.enforced = False
    assert await reconciler.look(promote(), NOON) == Looked(is_enforced=False)


async def test_without_an_answer_about_the_policies_nothing_is_decided(reconciler, cache, cluster):
    cache.put(churn())
    cluster.fail("is_enforced", ForbiddenError("the account cannot create decisions"))
    with pytest.raises(ForbiddenError):
        await reconciler.look(promote(), NOON)


async def test_a_subject_that_no_watch_delivered_is_looked_up(reconciler, cluster):
    assert await reconciler.look(promote(), NOON) == Looked(is_missing=True)
    cluster.put(churn(), quietly=True)
    assert not (await reconciler.look(promote(), NOON)).is_missing


def test_a_subject_that_arrives_after_the_look_is_not_missing(reconciler, cache):
    cache.put(churn())
    seen = reconciler.observe(promote(), Looked(is_missing=True), NOON)
    assert not seen.is_missing
    assert seen.subject.created_at == NOON


def test_the_records_of_the_subject_are_observed(reconciler, cache):
    made = record(decision())
    cache.put(churn(made))
    assert reconciler.observe(promote(), Looked(), NOON).subject.records == (made,)


def test_a_subject_with_a_foreign_status_has_no_records(reconciler, cache):
    cache.put({**churn(), "status": {"decisions": [{"by": ALICE}]}})
    assert reconciler.observe(promote(), Looked(), NOON).subject.records == ()


def test_the_decision_is_observed_as_it_was_created(reconciler):
    seen = reconciler.observe(promote(), Looked(), NOON + timedelta(hours=1))
    assert (seen.decision.name, seen.decision.uid) == ("promote", "uid-promote")
    assert seen.decision.created_at == NOON
    assert seen.decision.spec == spec()
    assert seen.subject is None
