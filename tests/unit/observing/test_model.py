import pytest

from builders import dataset, model
from builders.job import CONFIGURATION, NOON
from doubles.life import NAMESPACE, Life
from doubles.memory_cluster import MemoryCluster
from perennial.cluster.cache import Cache, Key
from perennial.observing.model import ModelReconciler
from perennial.observing.versions import UnreadableError
from perennial.planning.model.inputs import Data, Unusable


def observed(life):
    return life.reconcilers["Model"].observe(life.get("Model", "delay"), {}, NOON)


def life_with(spec=None, data=None, **annotations):
    life = Life()
    if data:
        life.apply("Dataset", "flights", data)
    life.apply("Model", "delay", spec or model.spec(), **annotations)
    return life


def trained():
    life = life_with(data=dataset.spec(time_column="time_hour"))
    for _ in range(2):
        life.settles()
        life.passes(5)
        life.works()
    life.settles()
    return life


def changed(life, key, **parts):
    """Write into an object what no API server would let through."""
    manifest = life.get(*key)
    metadata = {**manifest["metadata"], "resourceVersion": "100000", "generation": 9}
    life.store.put({**manifest, **parts, "metadata": metadata})


def test_the_dataset_is_seen_with_its_snapshot_and_its_own_words():
    data = observed(trained()).data
    assert isinstance(data, Data)
    assert data.snapshot.digest == "sha256:" + "a" * 64
    assert data.ready_reason == "SnapshotReady"


def test_a_dataset_that_nobody_looked_at_yet_says_nothing():
    data = observed(life_with(data=dataset.spec())).data
    assert (data.snapshot, data.ready_reason) == (None, "none yet")


def test_a_dataset_that_does_not_exist_is_told():
    data = observed(life_with()).data
    assert data == Unusable(
        "DatasetNotFound", "waits for Dataset flights: create it, or correct spec.dataset.name"
    )


def test_a_dataset_with_an_invalid_spec_is_not_the_models_mistake():
    life = life_with(data=dataset.spec())
    changed(life, ("Dataset", "flights"), spec={"source": 1})
    assert observed(life).data.reason == "DatasetNotReady"


def test_mistakes_in_the_recipe_are_seen_before_any_job():
    (mistake,) = observed(life_with(model.spec("LogisticRegresion"))).mistakes
    assert "LogisticRegression" in mistake
    assert observed(life_with()).mistakes == ()


def test_where_the_manifest_came_from_is_noted():
    assert observed(life_with()).revision is None
    annotated = life_with(**{"perennial.dev/source-revision": "4f2c"})
    assert observed(annotated).revision == "4f2c"


def test_versions_jobs_and_those_who_serve_are_gathered():
    life = trained()
    (version,) = observed(life).versions
    assert version.number == 1
    assert version.is_ready
    assert len(observed(life).attempts) == 1
    life.serve("delay", version.name)
    assert observed(life).served == {version.name}


def test_a_version_of_another_release_is_not_the_models_mistake():
    life = trained()
    (version,) = observed(life).versions
    changed(life, ("ModelVersion", version.name), spec={"colour": "blue"})
    with pytest.raises(UnreadableError, match=version.name):
        observed(life)


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        ({"dataset": {"name": "flights"}}, (Key("Dataset", NAMESPACE, "flights"),)),
        ({"dataset": {}}, ()),
        ({}, ()),
    ],
)
def test_a_model_wakes_with_its_dataset_however_invalid_its_spec(spec, keys):
    manifest = {"metadata": {"namespace": NAMESPACE}, "spec": spec}
    reconciler = ModelReconciler(CONFIGURATION, Cache(), MemoryCluster())
    assert reconciler.references(manifest) == keys
    assert reconciler.concerns(manifest) == keys
