import pytest

from perennial.cluster.discovery import ApiDiscovery, MissingKindsError, require
from perennial.cluster.errors import NotFoundError, TransientError
from perennial.cluster.resources import OWN, RESOURCES, WATCHABLE, Resource

ROUTE = Resource("Crossing", "roads.example.com/v1", "crossings", optional=True)
ALL = (*(RESOURCES[kind] for kind in WATCHABLE), ROUTE)


class Served:
    """The discovery endpoints of a cluster, by path."""

    def __init__(self, *resources):
        self.lists = {}
        self.paths = []
        for each in resources:
            entry = {"name": each.plural, "kind": each.kind, "verbs": ["get", "list", "watch"]}
            status = {"name": f"{each.plural}/status", "kind": each.kind, "verbs": ["get"]}
            self.lists.setdefault(each.root, []).extend([entry, status])

    async def request(self, method, path):
        self.paths.append(path)
        if path not in self.lists:
            raise NotFoundError("the server could not find the requested resource")
        if isinstance(self.lists[path], Exception):
            raise self.lists[path]
        return {"kind": "APIResourceList", "resources": self.lists[path]}


async def test_each_group_and_version_is_asked_once():
    served = Served(*ALL)
    assert await ApiDiscovery(served, ALL).served_kinds() == (*WATCHABLE, "Crossing")
    assert sorted(served.paths) == [
        "/api/v1",
        "/apis/apps/v1",
        "/apis/autoscaling/v2",
        "/apis/batch/v1",
        "/apis/gateway.networking.k8s.io/v1",
        "/apis/perennial.dev/v1alpha1",
        "/apis/policy/v1",
        "/apis/roads.example.com/v1",
    ]


async def test_a_group_that_is_not_installed_serves_nothing():
    discovery = ApiDiscovery(Served(*ALL[:-1]), ALL)
    assert await discovery.served_kinds() == WATCHABLE


async def test_a_kind_that_is_missing_in_its_group_is_not_served():
    discovery = ApiDiscovery(Served(*(each for each in ALL if each.kind != "Job")), ALL)
    assert "Job" not in await discovery.served_kinds()


async def test_a_kind_that_cannot_be_watched_is_not_served():
    served = Served(*ALL)
    served.lists[ROUTE.root][0]["verbs"] = ["get"]
    assert await ApiDiscovery(served, ALL).served_kinds() == WATCHABLE


async def test_a_failed_discovery_is_an_error_and_not_an_empty_list():
    served = Served(*ALL)
    served.lists[ROUTE.root] = TransientError("no answer")
    with pytest.raises(TransientError):
        await ApiDiscovery(served, ALL).served_kinds()


def test_an_optional_kind_may_be_missing():
    require(WATCHABLE, ALL)


def test_a_missing_definition_of_ours_is_named_with_the_way_to_install_it():
    with pytest.raises(MissingKindsError) as caught:
        require(set(WATCHABLE) - set(OWN), ALL)
    message = str(caught.value)
    assert all(f"{kind} (perennial.dev/v1alpha1)" in message for kind in OWN)
    assert "`kubectl apply -f crds/`" in message


def test_a_missing_kind_of_kubernetes_asks_for_another_version():
    with pytest.raises(
        MissingKindsError, match=r"PodDisruptionBudget \(policy/v1\): use a version"
    ):
        require(set(WATCHABLE) - {"PodDisruptionBudget"}, ALL)
