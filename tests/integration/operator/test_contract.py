"""What the cluster in memory and the real API server have in common, and what only one can."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import NOON, dataset, job, service
from harness.kubectl import Kubectl
from perennial.cluster import errors
from perennial.cluster.api import Api, connection
from perennial.cluster.cache import version_of
from perennial.cluster.client import ApiCluster
from perennial.cluster.discovery import ApiDiscovery
from perennial.cluster.events import Events
from perennial.cluster.execute import owned
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.rate_limiter import RateLimiter
from perennial.cluster.resources import RESOURCES, WATCHABLE, Resource

pytestmark = pytest.mark.integration


@pytest.fixture
async def client(kubeconfig) -> AsyncIterator[Api]:
    limiter = RateLimiter(1000.0, 1000, time.monotonic)
    metrics = ClusterMetrics(CollectorRegistry())
    client = Api(await connection(kubeconfig), limiter, metrics, lambda: True)
    yield client
    await client.close()


@pytest.fixture
def real(client) -> ApiCluster:
    return ApiCluster(client, Events(client, lambda: NOON))


@pytest.fixture(params=["memory", "real"])
def both(request, real):
    return real if request.param == "real" else MemoryCluster()


@pytest.fixture
def where(namespace: Kubectl) -> str:
    return namespace.namespace


def placed(manifest, namespace):
    return manifest | {"metadata": manifest["metadata"] | {"namespace": namespace}}


async def parent(cluster, namespace: Kubectl):
    """Make a Dataset as a person does: the operator itself may not."""
    if isinstance(cluster, MemoryCluster):
        return cluster.put(placed(dataset(), namespace.namespace))
    (made,) = namespace.apply(placed(dataset(), namespace.namespace))
    return made


async def child(cluster, namespace: Kubectl, manifest):
    return owned(manifest, await parent(cluster, namespace))


async def test_a_name_can_be_created_once(both, namespace):
    wanted = await child(both, namespace, job())
    made = await both.create(wanted)
    assert made["metadata"]["uid"]
    with pytest.raises(errors.AlreadyExistsError):
        await both.create(wanted)


async def test_an_absent_object_is_not_found(both, where):
    with pytest.raises(errors.NotFoundError):
        await both.get("Job", where, "absent")
    with pytest.raises(errors.NotFoundError):
        await both.delete("Job", where, "absent", "u")
    status = placed(dataset("absent"), where) | {"status": {"observedGeneration": 1}}
    with pytest.raises(errors.NotFoundError):
        await both.apply_status(status)


async def test_an_apply_without_effect_keeps_the_version(both, namespace):
    wanted = await child(both, namespace, service())
    await both.create(wanted)
    once = await both.apply(wanted)
    again = await both.apply(wanted)
    assert again["metadata"]["resourceVersion"] == once["metadata"]["resourceVersion"]


@pytest.mark.parametrize("text", ["a\U0001f600b", "a\x85b\u2028c", "a\x7f\ufffe", '\\ud83d"\n'])
async def test_text_of_every_kind_is_written_as_it_is(both, namespace, text):
    wanted = await child(both, namespace, service())
    metadata = wanted["metadata"] | {"annotations": {"example.com/text": text}}
    await both.create(wanted)
    applied = await both.apply(wanted | {"metadata": metadata})
    assert applied["metadata"]["annotations"]["example.com/text"] == text


async def test_an_apply_replaces_a_selector_as_a_whole(both, namespace):
    wanted = await child(both, namespace, service())
    await both.create(wanted)
    await both.apply(wanted)
    foreign = {"spec": {"selector": {"app": "flights", "slot": "b"}}}
    if isinstance(both, MemoryCluster):
        both.put(wanted | {"spec": wanted["spec"] | foreign["spec"]})
    else:
        namespace.patch("Service", "flights", foreign)
    applied = await both.apply(wanted)
    assert applied["spec"]["selector"] == {"app": "flights"}


async def test_versions_grow_with_every_write(both, namespace):
    wanted = await child(both, namespace, service())
    made = await both.create(wanted)
    changed = await both.apply(wanted | {"spec": wanted["spec"] | {"selector": {"app": "b"}}})
    assert version_of(changed) > version_of(made)


async def test_an_apply_with_another_uid_is_rejected(both, namespace):
    wanted = await child(both, namespace, service())
    await both.create(wanted)
    metadata = wanted["metadata"] | {"uid": "00000000-0000-0000-0000-000000000000"}
    with pytest.raises(errors.ConflictError):
        await both.apply(wanted | {"metadata": metadata})


async def test_a_deletion_with_another_uid_is_rejected(both, namespace, where):
    await both.create(await child(both, namespace, service()))
    with pytest.raises(errors.ConflictError):
        await both.delete("Service", where, "flights", "00000000-0000-0000-0000-000000000000")


async def test_a_deleted_service_is_gone_at_once(both, namespace, where):
    made = await both.create(await child(both, namespace, service()))
    assert await both.delete("Service", where, "flights", made["metadata"]["uid"]) is None
    with pytest.raises(errors.NotFoundError):
        await both.get("Service", where, "flights")


def status_of(manifest, **status):
    fields = ("name", "namespace", "resourceVersion")
    metadata = {field: manifest["metadata"][field] for field in fields}
    typed = {field: manifest[field] for field in ("apiVersion", "kind")}
    return typed | {"metadata": metadata, "status": status}


async def test_a_new_object_has_the_observed_generation_minus_one(both, namespace):
    assert (await parent(both, namespace))["status"] == {"observedGeneration": -1}


async def test_a_status_is_written_apart_from_the_spec(both, namespace):
    made = await parent(both, namespace)
    written = await both.apply_status(status_of(made, observedGeneration=1))
    assert written["status"] == {"observedGeneration": 1}
    assert written["spec"]["source"] == made["spec"]["source"]
    assert written["metadata"]["generation"] == 1


async def test_a_status_about_an_older_version_is_rejected(both, namespace):
    made = await parent(both, namespace)
    await both.apply_status(status_of(made, observedGeneration=1))
    with pytest.raises(errors.ConflictError):
        await both.apply_status(status_of(made, observedGeneration=2))
    with pytest.raises(errors.ConflictError):
        await both.replace_status(status_of(made, observedGeneration=2))


async def test_replacing_a_status_removes_the_fields_of_others(both, namespace):
    made = await parent(both, namespace)
    quality = {"outcome": "Passed", "passed": 3, "checks": []}
    full = await both.replace_status(status_of(made, observedGeneration=1, quality=quality))
    assert full["status"]["quality"] == quality
    bare = await both.replace_status(status_of(full, observedGeneration=1))
    assert bare["status"] == {"observedGeneration": 1}


async def test_a_listing_holds_every_object_and_heads_hold_their_metadata(both, namespace, where):
    made = await both.create(await child(both, namespace, service()))
    listing = await both.list("Service", where)
    heads = await both.heads("Service", where)
    assert [item["spec"]["selector"] for item in listing.items] == [{"app": "flights"}]
    assert [head["metadata"]["uid"] for head in heads.items] == [made["metadata"]["uid"]]
    assert all((head["kind"], head["apiVersion"]) == ("Service", "v1") for head in heads.items)
    assert "spec" not in heads.items[0]
    assert listing.version >= version_of(made)


@pytest.mark.parametrize("discovery", ["memory", "real"])
async def test_every_watchable_kind_that_is_required_is_served(discovery, client):
    discovered = ApiDiscovery(client) if discovery == "real" else MemoryCluster()
    served = await discovered.served_kinds()
    assert served == tuple(kind for kind in WATCHABLE if kind in served)
    assert all(RESOURCES[kind].optional for kind in WATCHABLE if kind not in served)


async def test_a_kind_that_is_not_installed_is_not_served(client):
    absent = Resource("Absent", "absent.example/v1", "absents", optional=True)
    unknown = Resource("Unknown", "batch/v1", "unknowns", optional=True)
    discovered = ApiDiscovery(client, (absent, RESOURCES["Job"], unknown))
    assert await discovered.served_kinds() == ("Job",)


async def test_a_field_that_the_crd_lacks_means_an_outdated_crd(real, namespace):
    made = await parent(real, namespace)
    with pytest.raises(errors.SchemaOutdatedError, match="nonsense"):
        await real.apply_status(status_of(made, observedGeneration=1, nonsense="x"))


async def test_an_object_that_breaks_a_rule_is_invalid(real, namespace):
    wanted = await child(real, namespace, service())
    wanted["spec"]["ports"] = [{"port": 99999, "protocol": "TCP"}]
    with pytest.raises(errors.InvalidError, match=r"spec.ports\[0\].port"):
        await real.create(wanted)


async def test_a_changed_template_of_a_job_is_invalid(real, namespace):
    wanted = await child(real, namespace, job())
    await real.create(wanted)
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = "job:2"
    with pytest.raises(errors.InvalidError, match="field is immutable"):
        await real.apply(wanted)


async def test_a_used_up_quota_has_an_error_of_its_own(real, namespace):
    quota = {"hard": {"count/jobs.batch": "0"}}
    metadata = {"name": "none"}
    namespace.apply(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": quota}
    )
    namespace.wait_for("ResourceQuota", "none", lambda found: "hard" in found.get("status", {}))
    wanted = await child(real, namespace, job())
    with pytest.raises(errors.QuotaExceededError, match="exceeded quota: none"):
        await real.create(wanted)


async def test_a_write_that_the_roles_do_not_allow_is_forbidden(real, where):
    with pytest.raises(errors.ForbiddenError):
        await real.create(placed(dataset("mine"), where))


async def test_a_terminating_namespace_has_an_error_of_its_own(real, namespace):
    made = await parent(real, namespace)
    holder = placed(service("holder"), namespace.namespace)
    holder["metadata"]["finalizers"] = ["perennial.dev/test"]
    namespace.create(holder)
    Kubectl(namespace.api).delete("Namespace", namespace.namespace)
    try:
        with pytest.raises(errors.NamespaceTerminatingError):
            await real.create(owned(job(), made))
    finally:
        namespace.patch("Service", "holder", {"metadata": {"finalizers": None}})


async def test_an_event_is_shown_with_its_object_and_counted(real, namespace, where):
    made = await parent(real, namespace)
    for _ in range(2):
        await real.post_event(made, "Normal", "SnapshotTaken", "100 rows")
    (event,) = await real.events(where, made["metadata"]["uid"])
    assert (event["reason"], event["message"], event["count"]) == ("SnapshotTaken", "100 rows", 1)


async def test_many_objects_come_in_pages_of_one_resource_version(
    real, namespace, where, monkeypatch
):
    monkeypatch.setattr("perennial.cluster.client._PAGE", 3)
    owner = await parent(real, namespace)
    await asyncio.gather(*(real.create(owned(service(f"s{number}"), owner)) for number in range(8)))
    listing = await real.list("Service", where)
    assert sorted(item["metadata"]["name"] for item in listing.items) == [f"s{n}" for n in range(8)]


async def test_only_objects_with_our_label_are_listed(real, namespace, where):
    foreign = placed(service("foreign"), where)
    foreign["metadata"]["labels"] = {}
    namespace.create(foreign)
    assert (await real.list("Service", where)).items == ()
