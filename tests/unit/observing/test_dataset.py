import pytest
from pydantic import ValidationError

from builders import dataset
from builders.job import CONFIGURATION, NOON
from doubles.life import Life
from doubles.memory_cluster import MemoryCluster
from perennial.cluster.cache import Cache
from perennial.observing.dataset import DatasetReconciler
from perennial.planning.dataset.contract import contract_digest

RECONCILER = DatasetReconciler(CONFIGURATION, Cache(), MemoryCluster())


def observed(life, **changes):
    manifest = {**life.get("Dataset", "flights"), **changes}
    return life.reconcilers["Dataset"].observe(manifest, {}, NOON)


def begun(spec=None):
    life = Life()
    life.apply("Dataset", "flights", spec or dataset.spec())
    life.settles()
    return life


def test_what_the_plan_depends_on_is_gathered():
    seen = observed(begun())
    assert (seen.name, seen.namespace, seen.generation) == ("flights", "delays", 1)
    assert seen.contract == contract_digest(dataset.spec())
    assert seen.status.conditions[0].reason == "FirstSnapshot"
    assert len(seen.attempts) == 1
    assert seen.free_slots == CONFIGURATION.limits.jobs_per_namespace - 1
    assert seen.now == NOON


def test_a_dataset_that_nobody_has_looked_at_has_an_empty_status():
    assert observed(begun(), status=None).status.observed_generation == -1


def test_a_spec_that_does_not_fit_the_kind_is_told_by_its_fields():
    life = begun()
    broken = {"source": {"object": {"path": "a/"}}, "keep": 0}
    metadata = {**life.get("Dataset", "flights")["metadata"], "generation": 2}
    with pytest.raises(ValidationError, match="keep"):
        observed(life, spec=broken, metadata=metadata)


def test_a_dataset_refers_to_nothing_and_concerns_nothing():
    assert RECONCILER.references({}) == RECONCILER.concerns({}) == ()


def test_the_reconciler_plans_by_the_rules_of_its_kind():
    life = begun()
    assert RECONCILER.plan(observed(life)).actions == ()
