import pytest

from perennial.cluster.comparison import holds


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ({"a": 1, "defaulted": True}, {"a": 1}),
        ({"resources": {"requests": {"cpu": "1"}}}, {"resources": {"requests": {"cpu": "1000m"}}}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1024Mi"}}),
        ({"limits": {"cpu": "2"}}, {"limits": {"cpu": 2}}),
        ({"emptyDir": {"sizeLimit": "1Gi"}}, {"emptyDir": {"sizeLimit": "1073741824"}}),
        (
            {"containers": [{"name": "proxy"}, {"name": "a", "image": "i"}]},
            {"containers": [{"name": "a"}]},
        ),
        ({"args": ["x"]}, {"args": ("x",)}),
        ({}, {"tolerations": [], "labels": {}, "nothing": None}),
        ({"ports": [{"port": 80, "nodePort": 3}]}, {"ports": [{"port": 80}]}),
    ],
)
def test_what_is_wanted_is_there(present, wanted):
    assert holds(present, wanted)


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ({}, {"a": 1}),
        ({"labels": {"cpu": "1"}}, {"labels": {"cpu": "1000m"}}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "nonsense"}}),
        ({"requests": {"cpu": "other"}}, {"requests": {"cpu": "nonsense"}}),
        ({"args": ["x", "y"]}, {"args": ["x"]}),
        ({"containers": [{"name": "b"}]}, {"containers": [{"name": "a"}]}),
        ({"a": "text"}, {"a": {"b": 1}}),
        ({"a": "text"}, {"a": [{"b": 1}]}),
    ],
)
def test_what_is_wanted_is_missing(present, wanted):
    assert not holds(present, wanted)
