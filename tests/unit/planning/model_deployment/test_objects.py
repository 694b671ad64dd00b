from dataclasses import replace

from builders.model_deployment import (
    NOON,
    acted,
    later,
    new,
    respecified,
    revision,
    serving,
    spec,
    version,
    with_pods,
    with_version,
)
from perennial.api.model_deployment import Autoscaling
from perennial.planning.model_deployment.objects import objects
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.rollout import assess
from perennial.planning.model_deployment.step import Step
from perennial.planning.plan import Apply, Create, CreateKey, Delete, PostEvent
from perennial.planning.pod.blocker import Blocker


def in_short(action):
    match action:
        case Create(manifest):
            return "create", manifest["kind"], manifest["metadata"]["name"]
        case CreateKey(manifest):
            return "create key", manifest["kind"], manifest["metadata"]["name"]
        case Apply(manifest):
            return "apply", manifest["kind"], manifest["metadata"]["name"]
        case Delete(kind, name, uid):
            return "delete", kind, name, uid


def effects(observed):
    actions = plan(observed).actions
    return [in_short(action) for action in actions if not isinstance(action, PostEvent)]


def test_nothing_that_lives_means_nothing_to_do():
    assert list(objects(assess(new()), Step({}, None))) == []


def test_pods_grow_before_the_address_shifts_and_the_old_drain_last():
    first, second = f"flight-delay-{revision(1)}", f"flight-delay-{revision(2)}"
    growing = acted(with_version(serving(), version(2)))
    shifted = acted(with_pods(growing, revision(2), ready=2))
    assert effects(with_version(serving(), version(2))) == [
        ("apply", "Service", first),
        ("create key", "Secret", "flight-delay-prediction-ids"),
        ("create", "Deployment", second),
        ("apply", "Service", second),
        ("apply", "Service", "flight-delay"),
        ("apply", "PodDisruptionBudget", "flight-delay"),
    ]
    assert effects(later(shifted, seconds=15)) == [
        ("apply", "Service", second),
        ("apply", "Service", "flight-delay"),
        ("apply", "PodDisruptionBudget", "flight-delay"),
        ("delete", "Deployment", first, f"uid-Deployment-{first}"),
        ("delete", "Service", first, f"uid-Service-{first}"),
    ]


def test_an_autoscaler_scales_the_deployment_of_all_revisions():
    scaled = spec(autoscaling=Autoscaling(min=2, max=9))
    (made,) = [
        action.manifest
        for action in plan(respecified(serving(), scaled)).actions
        if isinstance(action, Apply) and action.manifest["kind"] == "HorizontalPodAutoscaler"
    ]
    assert made["spec"]["scaleTargetRef"]["kind"] == "ModelDeployment"
    assert (made["spec"]["minReplicas"], made["spec"]["maxReplicas"]) == (2, 9)


def test_an_autoscaler_goes_with_its_field():
    left = replace(serving(), autoscaler="uid-7")
    assert ("delete", "HorizontalPodAutoscaler", "flight-delay", "uid-7") in effects(left)


def test_a_settled_deployment_asks_for_no_key():
    assert not [effect for effect in effects(serving()) if effect[0] == "create key"]


def test_a_key_that_somebody_deleted_is_made_again_once_a_pod_lacks_it():
    lacking = Blocker(
        "PredictionKeyNotFound", 'secret "flight-delay-prediction-ids" not found', NOON
    )
    missing = with_pods(serving(), revision(1), ready=1, blocker=lacking)
    assert effects(missing)[0] == ("create key", "Secret", "flight-delay-prediction-ids")
    other = with_pods(
        serving(), revision(1), ready=1, blocker=Blocker("SecretNotFound", "keys", NOON)
    )
    assert not [effect for effect in effects(other) if effect[0] == "create key"]


def test_a_live_deployment_is_never_written_but_for_its_replicas():
    assert not [effect for effect in effects(serving()) if effect[1] == "Deployment"]
