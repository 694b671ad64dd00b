import pytest

from perennial.cluster.resources import CHILDREN, OWN, RESOURCES, WATCHABLE


@pytest.mark.parametrize(
    ("kind", "place", "path"),
    [
        (
            "Dataset",
            ("a", "b", "status"),
            "/apis/perennial.dev/v1alpha1/namespaces/a/datasets/b/status",
        ),
        ("Pod", (None,), "/api/v1/pods"),
        ("Job", ("a", "b"), "/apis/batch/v1/namespaces/a/jobs/b"),
        ("Service", ("a",), "/api/v1/namespaces/a/services"),
    ],
)
def test_each_kind_has_its_path(kind, place, path):
    assert RESOURCES[kind].path(*place) == path


def test_only_children_are_chosen_by_label():
    assert {RESOURCES[kind].label_selector for kind in OWN} == {None}
    assert {RESOURCES[kind].label_selector for kind in CHILDREN} == {
        "app.kubernetes.io/managed-by=perennial"
    }


def test_every_watched_kind_has_a_resource():
    assert set(WATCHABLE) <= set(RESOURCES)
    assert RESOURCES["PodDisruptionBudget"].group == "policy"
    assert RESOURCES["Pod"].group == ""
    assert RESOURCES["Pod"].version == "v1"
