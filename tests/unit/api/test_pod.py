import pytest
from pydantic import ValidationError

from perennial.api.pod import JobRun, Pod, Resources


@pytest.mark.parametrize("name", ["cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"])
def test_a_resource_is_named_as_kubernetes_names_it(name):
    assert Resources(limits={name: "1"}).limits == {name: "1"}


@pytest.mark.parametrize("name", ["memroy", "gpu", "", "CPU"])
def test_a_misspelt_resource_is_refused(name):
    with pytest.raises(ValidationError):
        Resources(limits={name: "1"})


@pytest.mark.parametrize("key", ["team", "example.com/team", "kubernetes.io/os", "a_b.c"])
def test_a_label_may_have_a_prefix(key):
    assert Pod(labels={key: "x"}).labels == {key: "x"}


@pytest.mark.parametrize(("key", "value"), [("a b", "x"), ("/a", "x"), ("a", "b c"), ("a", "-b")])
def test_a_label_that_the_cluster_would_refuse_is_refused(key, value):
    with pytest.raises(ValidationError):
        Pod(labels={key: value})


def test_a_job_has_an_hour_and_no_resources_of_its_own():
    assert JobRun().deadline == "1h"
    assert JobRun().resources == Resources()
