from dataclasses import replace
from datetime import timedelta

from builders.model_deployment import (
    CONFIGURATION,
    CRASH,
    NAME,
    acted,
    later,
    new,
    revision,
    serving,
    settled,
    version,
    with_pods,
)
from builders.rollout_plan import SERVES, created, deleted, events, made, message, says
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.planning.model_deployment.plan import plan

# The first deployment


def test_without_a_model_nothing_starts_and_the_condition_says_what_to_create():
    lonely = replace(new(), model=None, versions=())
    assert says(lonely)["Reconciling"] == ("True", "ModelNotFound")
    assert "create it, or correct spec.model.name" in message(lonely, "Ready")
    assert made(lonely) == []


def test_without_a_ready_version_it_waits_and_quotes_the_model():
    waiting = new(None, version(1, ready=False))
    assert says(waiting)["Reconciling"] == ("True", "NoVersion")
    assert made(waiting) == []


def test_the_first_version_starts_and_gets_no_address_before_it_is_ready():
    first = new()
    assert made(first) == [
        ("Deployment", f"{NAME}-{revision(1)}"),
        ("Service", f"{NAME}-{revision(1)}"),
    ]
    assert says(first)["Reconciling"] == ("True", "Starting")
    assert says(first)["Available"][0] == "False"


def test_the_first_ready_pod_gets_the_address_since_nobody_else_answers():
    growing = with_pods(acted(new()), revision(1), ready=1)
    assert acted(growing).in_rotation == revision(1)


def test_the_first_deployment_is_ready_only_once_its_address_has_answered():
    shifted = acted(with_pods(acted(new()), revision(1), ready=2))
    assert says(shifted)["Reconciling"] == ("True", "Shifting")
    assert says(shifted)["Available"] == ("False", "Shifting")
    assert plan(shifted).requeue_after == timedelta(milliseconds=500)
    assert says(replace(shifted, answers=True)) == SERVES


def test_an_address_that_stays_silent_stalls_and_is_still_asked():
    shifted = acted(with_pods(acted(new()), revision(1), ready=2))
    silent = later(shifted, minutes=11)
    assert says(silent)["Stalled"] == ("True", "ProgressDeadlineExceeded")
    assert says(replace(silent, answers=True)) == SERVES


def test_what_has_answered_once_is_not_asked_again():
    assert says(replace(serving(), answers=False)) == SERVES


# Settled


def test_a_settled_deployment_changes_nothing_and_needs_no_second_look():
    stable = serving()
    assert acted(stable) == stable
    assert plan(stable).requeue_after is None
    assert created(stable) == deleted(stable) == events(stable) == []


def test_the_address_names_one_revision_and_so_does_the_budget():
    kinds = made(serving())
    assert kinds == [
        ("Service", f"{NAME}-{revision(1)}"),
        ("Service", NAME),
        ("PodDisruptionBudget", NAME),
    ]


def test_the_status_tells_address_pods_and_selector():
    status = plan(serving()).status
    assert status.address.url == "http://flight-delay.delays.svc"
    assert status.replicas == status.stable.ready == 2
    assert status.selector == "perennial.dev/kind=ModelDeployment,perennial.dev/name=flight-delay"
    assert [rolled.version for rolled in status.history] == ["flight-delay-v1"]


def test_a_deployment_deleted_by_hand_comes_back_at_once():
    bereft = replace(serving(), running={})
    assert created(bereft) == [f"{NAME}-{revision(1)}"]
    assert says(bereft)["Available"][0] == "False"
    assert settled(bereft).status.stable == serving().status.stable


def test_the_address_stays_known_while_nothing_serves():
    lost = replace(serving(), running={}, in_rotation=None, model=None, versions=())
    assert plan(lost).status.stable is None
    assert plan(lost).status.address == serving().status.address


def test_an_address_deleted_by_hand_comes_back_with_the_same_revision():
    assert acted(replace(serving(), in_rotation=None)).in_rotation == revision(1)


def test_a_lost_status_is_rebuilt_from_what_runs():
    lost = replace(serving(), status=ModelDeploymentStatus())
    assert plan(lost).status.stable.version == "flight-delay-v1"
    assert says(replace(lost, answers=True)) == SERVES


def test_a_pod_that_is_lost_degrades_and_leaves_ready_what_still_answers():
    limping = with_pods(serving(), revision(1), ready=1, blocker=CRASH)
    assert says(limping) == {**SERVES, "Degraded": ("True", "ServerCrashing")}
    assert "no such file" in message(limping, "Degraded")


def test_no_pod_left_is_never_called_ready():
    silent = with_pods(serving(), revision(1), ready=0, blocker=CRASH)
    assert says(silent)["Ready"] == ("False", "ServerCrashing")
    assert says(silent)["Available"] == ("False", "ServerCrashing")
    assert "Stalled" not in says(silent)
    assert says(later(acted(silent), minutes=11))["Stalled"][0] == "True"


# What is served when the way to it is gone


def test_serving_goes_on_when_its_version_or_the_whole_model_is_deleted():
    orphan = replace(serving(), model=None, versions=())
    assert says(orphan) == {**SERVES, "Degraded": ("True", "ModelNotFound")}
    assert acted(orphan).running == serving().running


def test_a_store_that_the_namespace_may_not_use_is_named():
    stores = {"other": CONFIGURATION.stores["default"]}
    moved = replace(new(), configuration=CONFIGURATION.model_copy(update={"stores": stores}))
    assert says(moved)["Reconciling"] == ("True", "StoreNotFound")
