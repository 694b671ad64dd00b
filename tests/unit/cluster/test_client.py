import pytest

from doubles.operator_parts import NOON, dataset
from perennial.cluster import errors
from perennial.cluster.client import ApiCluster
from perennial.cluster.events import Events


class Recorded:
    """The requests that the cluster's operations become, and an answer for each."""

    def __init__(self) -> None:
        self.sent = []
        self.answers = []

    async def request(self, method, path, body=None, **options):
        self.sent.append((method, path, body, options))
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def api():
    return Recorded()


@pytest.fixture
def cluster(api):
    return ApiCluster(api, Events(api, lambda: NOON))


def page(*names, more=""):
    metadata = {"resourceVersion": "7", "continue": more}
    return {"metadata": metadata, "items": [{"metadata": {"name": name}} for name in names]}


async def test_pages_are_put_together_and_typed(cluster, api):
    api.answers = [page("a", "b", more="next"), page("c")]
    listing = await cluster.list("Job", "delays")
    assert [item["metadata"]["name"] for item in listing.items] == ["a", "b", "c"]
    assert {(item["apiVersion"], item["kind"]) for item in listing.items} == {("batch/v1", "Job")}
    assert listing.version == 7
    assert api.sent[1][3]["query"]["continue"] == "next"
    assert api.sent[0][3]["query"]["labelSelector"] == "app.kubernetes.io/managed-by=perennial"


async def test_an_expired_list_starts_over(cluster, api):
    api.answers = [page("a", more="next"), errors.ExpiredError("too old"), page("a")]
    assert len((await cluster.list("Dataset")).items) == 1
    assert "continue" not in api.sent[2][3]["query"]


async def test_a_list_is_never_read_from_the_cache_of_the_server(cluster, api):
    api.answers = [page("a")]
    await cluster.list("Dataset")
    assert "resourceVersion" not in api.sent[0][3]["query"]


async def test_a_deletion_is_of_one_object_and_in_the_background(cluster, api):
    api.answers = [{"kind": "Status", "status": "Success"}]
    assert await cluster.delete("Job", "delays", "flights-job", "u1") is None
    method, path, body, _ = api.sent[0]
    assert (method, path) == ("DELETE", "/apis/batch/v1/namespaces/delays/jobs/flights-job")
    assert body["preconditions"] == {"uid": "u1"}
    assert body["propagationPolicy"] == "Background"


async def test_an_object_whose_deletion_is_in_progress_is_returned(cluster, api):
    leaving = {"kind": "Job", "metadata": {"deletionTimestamp": "2026-03-01T12:00:00Z"}}
    api.answers = [leaving]
    assert await cluster.delete("Job", "delays", "flights-job", "u1") == leaving


async def test_applying_to_another_object_of_the_same_name_is_a_conflict(cluster, api):
    api.answers = [
        errors.InvalidError("metadata.uid: field is immutable"),
        errors.InvalidError("spec.x"),
    ]
    with pytest.raises(errors.ConflictError):
        await cluster.apply(dataset())
    with pytest.raises(errors.InvalidError):
        await cluster.apply(dataset())
