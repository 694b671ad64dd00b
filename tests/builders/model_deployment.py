"""ModelDeployments for tests: say only what the test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders.model import request
from builders.model_version import spec as version_spec
from perennial.api import conditions
from perennial.api.configuration import (
    Configuration,
    Images,
    Pauses,
    Prometheus,
    PrometheusServer,
    Store,
)
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import (
    Autoscaling,
    ModelDeploymentSpec,
    ModelDeploymentStatus,
    ServedModel,
    Server,
)
from perennial.api.model_version import Artifact, ModelReference, ModelVersionStatus
from perennial.api.names import REVISION, SERVED_UNTIL, STABLE, VERSION
from perennial.api.rollout import ParentReference, Pause, Rollout, RolloutStep, Route
from perennial.api.tier import Tier
from perennial.api.times import to_datetime
from perennial.planning.model_deployment import route as routes
from perennial.planning.model_deployment.observed import Observed, RouteSeen
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.revision import Child, Definition, Running
from perennial.planning.model_version.version import Version
from perennial.planning.plan import Apply, Create, Delete
from perennial.planning.pod.blocker import Blocker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME, NAMESPACE, MODEL = "flight-delay", "delays", "flight-delay"
CRASH = Blocker("ServerCrashing", "container server ended with exit code 1: no such file", NOON)
TRAINED = version_spec(request())
CONFIGURATION = Configuration(
    stores={"default": Store(bucket="models", secret_name="store-keys")},  # noqa: S106 - a name
    images=Images(training="job:1", server="server:1", server_sklearn="sklearn:1"),
    pauses=Pauses(drain="15s"),
)

WITH_PROMETHEUS = CONFIGURATION.model_copy(
    update={"prometheus": Prometheus(default=PrometheusServer(url="http://prometheus:9090"))}
)


def artifact(digit: str = "a", store: str = "default", tier: Tier = Tier.COMPILED) -> Artifact:
    return Artifact(
        store=store,
        path=f"perennial/delays/artifacts/{digit * 64}/",
        digest=f"sha256:{digit * 64}",
        bytes=1000,
        format="Compiled" if tier is Tier.COMPILED else "Skops",
        tier=tier,
    )


def version(
    number: int = 1,
    model: str = MODEL,
    *,
    ready: bool = True,
    verdict: str = "",
    stored: Artifact | None = None,
) -> Version:
    own = {
        "model": ModelReference(name=model),
        "number": number,
        "artifact": stored or artifact(f"{number:x}"),
    }
    findings = conditions.stalled("GateFailed", verdict) if verdict else {}
    if ready:
        findings = conditions.ready("GatesPassed", "passed")
    status = ModelVersionStatus(conditions=conditions.merge((), findings, 1, NOON))
    return Version(f"{model}-v{number}", f"uid-{number}", TRAINED.model_copy(update=own), status)


def spec(
    replicas: int = 2,
    wanted: str = "Latest",
    server: Server | None = None,
    deadline: str = "10m",
    *,
    paused: bool = False,
    route: Route | None = None,
    autoscaling: Autoscaling | None = None,
    **rules,
) -> ModelDeploymentSpec:
    return ModelDeploymentSpec(
        model=ServedModel(name=MODEL, version=wanted),
        replicas=replicas,
        server=server or Server(),
        route=route,
        autoscaling=autoscaling,
        rollout=Rollout(progress_deadline=deadline, **rules),
        paused=paused,
    )


ROUTE = Route(parent_ref=ParentReference(name="public", namespace="edge"))


def steps(*weights: int, pause: str = "10m") -> tuple[RolloutStep, ...]:
    return tuple(RolloutStep(weight=weight, pause=Pause(for_=pause)) for weight in weights)


def canary(
    *weights: int, replicas: int = 4, route: Route | None = ROUTE, **fields
) -> ModelDeploymentSpec:
    """A canary through a Gateway, with a pause of ten minutes in each step."""
    rules = {"strategy": "Canary", "steps": steps(*(weights or (25, 50)))}
    return spec(replicas, route=route, **{**rules, **fields})


def blue_green(replicas: int = 4, route: Route | None = ROUTE, **fields) -> ModelDeploymentSpec:
    return spec(replicas, route=route, strategy="BlueGreen", **fields)


def revision(of: int = 1, server: Server | None = None, image: str = "server:1") -> str:
    which = version(of)
    return Definition(MODEL, which.name, which.artifact, server or Server(), image).revision


def new(
    of: ModelDeploymentSpec | None = None,
    *versions: Version,
    configuration: Configuration = CONFIGURATION,
) -> Observed:
    """A ModelDeployment that nobody has looked at yet."""
    return Observed(
        name=NAME,
        namespace=NAMESPACE,
        generation=1,
        spec=of or spec(),
        status=ModelDeploymentStatus(),
        configuration=configuration,
        model=ModelStatus(current_version=None),
        versions=versions or (version(),),
        running={},
        children=(),
        in_rotation=None,
        answers=False,
        now=NOON,
        serves_routes=True,
    )


def serving(
    of: ModelDeploymentSpec | None = None, configuration: Configuration = CONFIGURATION
) -> Observed:
    """One that has served version 1 for an hour, settled."""
    begun = settled(new(of, configuration=configuration))
    return later(begun, hours=1)


def settled(observed: Observed, steps: int = 12) -> Observed:
    """Go on until nothing changes: all pods become ready at once, and addresses answer."""
    for _ in range(steps):
        observed = acted(proven(replace(observed, answers=True)))
        for each in list(observed.running):
            observed = with_pods(observed, each, observed.running[each].wanted)
    return observed


def proven(observed: Observed) -> Observed:
    """Return the same after the Gateway has taken over the route as it stands."""
    return replace(observed, shift_seen=observed.route.marker if observed.route else None)


def acted(observed: Observed) -> Observed:
    """Return what is observed after one plan was carried out."""
    planned = plan(observed)
    for action in planned.actions:
        match action:
            case Create(manifest) | Apply(manifest):
                observed = _made(observed, manifest)
            case Delete(kind, name, _):
                observed = _removed(observed, kind, name)
    return replace(observed, status=planned.status)


def with_pods(observed: Observed, of: str, ready: int, blocker: Blocker | None = None) -> Observed:
    """Return the same with this many ready pods of a revision."""
    running = observed.running[of]
    pods = replace(running, pods=running.wanted, ready=ready, blocker=blocker)
    return replace(observed, running={**observed.running, of: pods})


def respecified(observed: Observed, of: ModelDeploymentSpec) -> Observed:
    """Return the same after its spec was changed."""
    return replace(observed, spec=of, generation=observed.generation + 1)


def with_version(observed: Observed, newer: Version) -> Observed:
    """Return the same after a version arrived."""
    others = tuple(each for each in observed.versions if each.name != newer.name)
    return replace(observed, versions=(*others, newer))


def later(observed: Observed, **by: float) -> Observed:
    return replace(observed, now=observed.now + timedelta(**by))


def _made(observed: Observed, manifest) -> Observed:
    metadata, kind = manifest["metadata"], manifest["kind"]
    if kind == "Deployment":
        observed = _grown(observed, manifest)
    if kind == "Service" and metadata["name"] == observed.name:
        chosen = manifest["spec"]["selector"].get(REVISION)
        mark = metadata.get("annotations", {}).get(STABLE, observed.stable_mark)
        return replace(observed, in_rotation=chosen, stable_mark=mark)
    if kind == "HTTPRoute":
        return replace(observed, route=_route_seen(observed, manifest))
    of = metadata.get("labels", {}).get(REVISION)
    child = Child(kind, metadata["name"], f"uid-{kind}-{metadata['name']}", of)
    if of is None or child in observed.children:
        return observed
    return replace(observed, children=(*observed.children, child))


def _route_seen(observed: Observed, manifest) -> RouteSeen:
    return RouteSeen(
        uid="uid-route",
        weights=routes.weights_of(observed.name, manifest),
        marker=routes.marker_of(manifest),
    )


def _grown(observed: Observed, manifest) -> Observed:
    wanted, labels = manifest["spec"]["replicas"], manifest["metadata"].get("labels")
    if labels:
        running = Running(labels[REVISION], labels[VERSION], wanted)
    else:
        of = manifest["metadata"]["name"].removeprefix(f"{observed.name}-")
        mark = manifest["metadata"].get("annotations", {}).get(SERVED_UNTIL)
        until = to_datetime(mark) if mark else None
        running = replace(observed.running[of], wanted=wanted, served_until=until)
    return replace(observed, running={**observed.running, running.revision: running})


def _removed(observed: Observed, kind: str, name: str) -> Observed:
    if kind == "HTTPRoute":
        return replace(observed, route=None)
    gone = {child for child in observed.children if (child.kind, child.name) == (kind, name)}
    children = tuple(child for child in observed.children if child not in gone)
    without = {child.revision for child in gone if kind == "Deployment"}
    running = {of: each for of, each in observed.running.items() if of not in without}
    return replace(observed, children=children, running=running)


def newer_version_arrived(observed=None):
    return with_version(observed or serving(), version(2))
