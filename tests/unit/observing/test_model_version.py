from builders import model
from builders.job import NOON
from builders.model_version import spec as version_spec
from doubles.life import NAMESPACE, Life
from perennial.cluster.cache import Cache, Key
from perennial.observing.model_version import ModelVersionReconciler


def life_with(limit="0.7"):
    life = Life()
    life.apply("Model", "delay", model.spec(limits=(model.at_least(limit),)))
    life.apply("ModelVersion", "delay-1", version_spec(model.request()))
    return life


def observed(life):
    reconciler = life.reconcilers["ModelVersion"]
    return reconciler.observe(life.get("ModelVersion", "delay-1"), None, NOON)


def test_the_limits_are_the_models():
    assert observed(life_with()).policy.metrics[0].at_least == "0.7"


def test_without_a_readable_model_there_are_no_limits():
    life = life_with()
    manifest = life.get("Model", "delay")
    metadata = {**manifest["metadata"], "resourceVersion": "1000", "generation": 9}
    life.store.put({**manifest, "metadata": metadata, "spec": {}})
    assert observed(life).policy is None
    life.delete("Model", "delay")
    assert observed(life).policy is None


def test_those_who_serve_it_are_named():
    life = life_with()
    life.serve("shop", "delay-1")
    life.serve("other", "delay-2")
    assert observed(life).serving == ("shop",)


def test_a_version_wakes_with_its_model():
    version, reconciler = (
        life_with().get("ModelVersion", "delay-1"),
        ModelVersionReconciler(Cache()),
    )
    assert reconciler.references(version) == (Key("Model", NAMESPACE, "delay"),)
    assert reconciler.concerns(version) == ()
