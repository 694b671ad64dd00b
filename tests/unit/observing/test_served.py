from perennial.cluster.cache import Cache
from perennial.observing.served import named_by, served_by


def store(*deployments):
    filled = Cache()
    for number, (name, version, status) in enumerate(deployments, 1):
        metadata = {
            "name": name,
            "namespace": "delays",
            "uid": name,
            "resourceVersion": str(number),
        }
        spec = {"model": {"name": "delay", **({"version": version} if version else {})}}
        filled.put(
            {"kind": "ModelDeployment", "metadata": metadata, "spec": spec, "status": status}
        )
    return filled


STABLE = {"stable": {"version": "delay-1"}}
ROLLING = {**STABLE, "candidate": {"version": "delay-2"}}


def test_a_version_is_named_by_whoever_serves_it_brings_it_in_or_asks_for_it():
    assert named_by(store(("a", None, ROLLING), ("b", "delay-3", {})), "delays") == {
        "delay-1",
        "delay-2",
        "delay-3",
    }


def test_latest_names_no_version():
    assert named_by(store(("a", "Latest", {}), ("b", None, {})), "delays") == frozenset()


def test_only_the_stable_version_answers_users():
    filled = store(("b", None, ROLLING), ("a", None, STABLE))
    assert served_by(filled, "delays", "delay-1") == ("a", "b")
    assert served_by(filled, "delays", "delay-2") == ()


def test_another_namespace_is_another_world():
    assert named_by(store(("a", None, STABLE)), "elsewhere") == frozenset()


def test_a_revision_that_is_kept_without_pods_names_its_version():
    filled = store(("a", None, STABLE))
    labels = {"perennial.dev/kind": "ModelDeployment", "perennial.dev/version": "delay-0"}
    metadata = {
        "name": "a-0123456789",
        "namespace": "delays",
        "uid": "kept",
        "resourceVersion": "9",
        "labels": labels,
    }
    filled.put({"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 0}})
    assert named_by(filled, "delays") == {"delay-0", "delay-1"}
