from builders.model_deployment import (
    CONFIGURATION,
    MODEL,
    NAME,
    NAMESPACE,
    NOON,
    ROUTE,
    artifact,
    version,
)
from perennial.api.model_deployment import Server
from perennial.cluster.cache import Cache, Key
from perennial.observing.model_deployment import Looked, ModelDeploymentReconciler
from perennial.observing.rollout_evidence import NoEvidence
from perennial.planning.model_deployment.deployment import server_deployment
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.route import http_route
from perennial.planning.model_deployment.services import address_service, revision_service
from perennial.planning.model_deployment.traffic import Traffic

DEFINITION = Definition(MODEL, version(1).name, version(1).artifact, Server(), "server:1")
REVISION = DEFINITION.revision
DIGEST = f"sha256:{'d' * 64}"


def known(kind, name, *, uid=None, owner=None, labels=None, **parts):
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        "uid": uid or f"uid-{kind}-{name}",
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-03-01T11:00:00Z",
        "labels": labels or {},
        "ownerReferences": [owner] if owner else [],
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


def deployment(**status):
    spec = {"model": {"name": MODEL}, "replicas": 2}
    return known("ModelDeployment", NAME, uid="its-uid", spec=spec, status=status)


OWNER = {"kind": "ModelDeployment", "name": NAME, "uid": "its-uid", "controller": True}


def owned(manifest, owner=OWNER, **spec):
    metadata = manifest["metadata"]
    return known(
        manifest["kind"],
        metadata["name"],
        owner=owner,
        labels=metadata["labels"],
        spec={**manifest["spec"], **spec},
    )


SERVER = owned(server_deployment(NAME, NAMESPACE, 2, DEFINITION, CONFIGURATION))
SERVICE = owned(revision_service(NAME, NAMESPACE, REVISION))
ADDRESS = owned(address_service(NAME, NAMESPACE, REVISION), clusterIP="10.0.0.7")


def pod(name, *, ready=True):
    labels = SERVER["spec"]["template"]["metadata"]["labels"]
    conditions = [{"type": "Ready", "status": str(ready)}]
    return known("Pod", name, labels=labels, status={"phase": "Running", "conditions": conditions})


def model_version(number=1):
    which = version(number)
    inputs = {
        "digest": DIGEST,
        "dataset": {
            "name": "flights",
            "contract": DIGEST,
            "digest": DIGEST,
            "path": "snapshots/d/",
            "rows": 10,
        },
        "training": {
            "digest": DIGEST,
            "image": "job:1",
            "estimator": "LogisticRegression",
            "parameters": {},
            "seed": 0,
        },
    }
    spec = {
        "model": {"name": MODEL},
        "number": number,
        "inputs": inputs,
        "artifact": artifact(f"{number:x}").model_dump(mode="json"),
        "evaluation": {"metric": "roc_auc", "samples": 10, "metrics": {}},
    }
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "GatesPassed",
        "message": "all gates passed",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-03-01T11:00:00Z",
    }
    return known("ModelVersion", which.name, spec=spec, status={"conditions": [ready]})


def store_of(*manifests):
    store = Cache()
    for manifest in manifests:
        store.put(manifest)
    return store


def reconciler(*manifests, servers=None):
    return ModelDeploymentReconciler(
        CONFIGURATION, store_of(*manifests), servers or Servers(), NoEvidence()
    )


def seen(*manifests, of=None, looked=False):
    return reconciler(*manifests).observe(of or deployment(), Looked(looked), NOON)


class Servers:
    """Model servers of which only one is ready."""

    def __init__(self):
        self.probed = []

    async def is_ready(self, host, port, model):
        self.probed.append((host, port, model))
        return host == "10.0.0.7"

    async def redirects(self, expected):
        self.probed.append((expected.host, expected.port, expected.header[1]))
        return expected.host == "10.0.0.9"


def test_its_model_wakes_it_and_so_does_a_version_that_is_pinned():
    pinned = deployment()
    pinned["spec"] = {"model": {"name": MODEL, "version": "flight-delay-v1"}}
    assert reconciler().references(deployment()) == (Key("Model", NAMESPACE, MODEL),)
    assert reconciler().references(pinned) == (
        Key("Model", NAMESPACE, MODEL),
        Key("ModelVersion", NAMESPACE, "flight-delay-v1"),
    )


def test_a_spec_without_a_model_refers_to_nothing():
    assert reconciler().references({**deployment(), "spec": {}}) == ()


def test_the_version_that_has_the_traffic_wakes_with_it():
    serves = deployment(stable={"version": "flight-delay-v1"}, candidate={"version": "other"})
    assert reconciler().concerns(serves) == (Key("ModelVersion", NAMESPACE, "flight-delay-v1"),)
    assert reconciler().concerns(deployment()) == ()


def test_pods_are_counted_by_the_revision_on_their_labels():
    observed = seen(SERVER, SERVICE, ADDRESS, pod("a"), pod("b", ready=False))
    running = observed.running[REVISION]
    assert (running.pods, running.ready, running.wanted) == (2, 1, 2)
    assert running.version == "flight-delay-v1"
    assert observed.in_rotation == REVISION
    assert {(child.kind, child.revision) for child in observed.children} == {
        ("Deployment", REVISION),
        ("Service", REVISION),
    }


def test_pods_of_others_do_not_count():
    foreign = known("Pod", "c", labels={"perennial.dev/revision": REVISION}, status={})
    assert seen(SERVER, foreign).running[REVISION].pods == 0


def test_a_service_of_somebody_else_with_its_name_is_not_its_address():
    foreign = owned(ADDRESS, owner={**OWNER, "uid": "another"}, clusterIP="10.0.0.7")
    assert seen(foreign).in_rotation is None


def test_versions_and_the_model_are_read_and_an_unreadable_version_is_left_out():
    model = known("Model", MODEL, status={"currentVersion": "flight-delay-v2"})
    unreadable = known("ModelVersion", "odd", spec={"from": "a newer operator"})
    observed = seen(model, model_version(1), model_version(2), unreadable)
    assert observed.model.current_version == "flight-delay-v2"
    assert {(each.name, each.number, each.is_ready) for each in observed.versions} == {
        ("flight-delay-v1", 1, True),
        ("flight-delay-v2", 2, True),
    }


def test_a_model_with_a_strange_status_is_still_a_model():
    strange = known("Model", MODEL, status={"currentVersion": {"not": "a name"}})
    assert seen(strange).model is not None
    assert seen().model is None


async def test_the_address_is_asked_until_it_has_answered():
    servers = Servers()
    looked = await reconciler(ADDRESS, servers=servers).look(deployment(), NOON)
    assert looked.answers
    assert servers.probed == [("10.0.0.7", 80, "flight-delay")]


async def test_nobody_is_asked_before_there_is_an_address_or_after_it_has_answered():
    servers = Servers()
    proven = deployment(history=[{"version": "flight-delay-v1"}])
    foreign = owned(ADDRESS, owner={**OWNER, "uid": "another"}, clusterIP="10.0.0.7")
    assert not (await reconciler(servers=servers).look(deployment(), NOON)).answers
    assert not (await reconciler(foreign, servers=servers).look(deployment(), NOON)).answers
    assert not (await reconciler(ADDRESS, servers=servers).look(proven, NOON)).answers
    assert servers.probed == []


def test_what_is_gathered_can_be_planned_and_settles():
    model = known("Model", MODEL, status={"currentVersion": "flight-delay-v1"})
    world = (model, model_version(), SERVER, SERVICE, ADDRESS, pod("a"), pod("b"))
    planned = reconciler().plan(seen(*world, looked=True))
    status = planned.status.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert {each["type"]: each["status"] for each in status["conditions"]} == {
        "Available": "True",
        "Ready": "True",
    }
    again = reconciler().plan(seen(*world, of=deployment(**status)))
    assert again.status == planned.status


def gateway(*addresses):
    allowed = {"namespaces": {"from": "All"}}
    listener = {"name": "web", "port": 80, "protocol": "HTTP", "allowedRoutes": allowed}
    spec = {"listeners": [listener]}
    status = {"addresses": [{"value": address} for address in addresses]}
    made = known("Gateway", "public", spec=spec, status=status)
    return {**made, "metadata": {**made["metadata"], "namespace": "edge"}}


def routed(**status):
    settled = {"version": "flight-delay-v1", "revision": REVISION, "at": "2026-03-01T12:00:00Z"}
    made = deployment(history=[settled], **status)
    return {**made, "spec": {**made["spec"], "route": ROUTE.model_dump(by_alias=True)}}


TRAFFIC = Traffic({REVISION: 100}, REVISION, is_shared=False)
HTTP_ROUTE = owned(http_route(NAME, NAMESPACE, ROUTE, TRAFFIC, (REVISION,)))


async def test_a_shift_is_seen_when_every_address_of_the_gateway_shows_it():
    both = reconciler(HTTP_ROUTE, gateway("10.0.0.9", "10.0.0.10"))
    one = reconciler(HTTP_ROUTE, gateway("10.0.0.9"))
    assert (await one.look(routed(), NOON)).shift_seen == TRAFFIC.digest
    assert (await both.look(routed(), NOON)).shift_seen is None


async def test_a_shift_that_was_proven_is_not_probed():
    servers = Servers()
    proven = routed(shift={"wanted": TRAFFIC.digest, "proven": "2026-03-01T12:00:00Z"})
    looked = await reconciler(HTTP_ROUTE, gateway("10.0.0.9"), servers=servers).look(proven, NOON)
    assert (looked.shift_seen, servers.probed) == (None, [])


def test_the_route_and_its_gateway_are_observed_and_the_gateway_wakes_it():
    observed = seen(HTTP_ROUTE, gateway("10.0.0.9"), of=routed())
    assert observed.route.weights == {REVISION: 100}
    assert observed.route.marker == TRAFFIC.digest
    assert Key("Gateway", "edge", "public") in reconciler().references(routed())


def test_routes_are_served_where_their_kind_is_cached():
    filled = store_of()
    blind = ModelDeploymentReconciler(CONFIGURATION, filled, Servers(), NoEvidence())
    assert not blind.observe(deployment(), Looked(), NOON).serves_routes
    filled.cover("HTTPRoute")
    assert blind.observe(deployment(), Looked(), NOON).serves_routes


def test_marks_tell_what_is_stable_and_what_was():
    shared = owned(address_service(NAME, NAMESPACE, REVISION, is_shared=True))
    shared["metadata"]["annotations"] = {"perennial.dev/stable": REVISION}
    former = {**SERVER, "metadata": {**SERVER["metadata"], "annotations": {}}}
    former["metadata"]["annotations"]["perennial.dev/served-until"] = "2026-03-01T12:00:00Z"
    observed = seen(shared, former)
    assert (observed.in_rotation, observed.stable_mark) == (None, REVISION)
    assert observed.running[REVISION].served_until == NOON
    former["metadata"]["annotations"]["perennial.dev/served-until"] = "yesterday"
    assert seen(former).running[REVISION].served_until is None
