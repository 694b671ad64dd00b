from dataclasses import replace
from datetime import timedelta

from builders.model_deployment import (
    CONFIGURATION,
    CRASH,
    MODEL,
    NAME,
    acted,
    artifact,
    later,
    new,
    respecified,
    revision,
    serving,
    settled,
    spec,
    version,
    with_pods,
    with_version,
)
from perennial.api.configuration import Images
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import ModelDeploymentStatus, Server
from perennial.api.pod import Resources
from perennial.api.tier import Tier
from perennial.planning.model_deployment import plan
from perennial.planning.plan import Announce, Apply, Create, Delete
from perennial.planning.revision import Definition

BIGGER = Server(resources=Resources(requests={"cpu": "1"}))


def says(observed):
    return {
        condition.type: (condition.status, condition.reason)
        for condition in plan(observed).status.conditions
    }


def message(observed, kind):
    stated = plan(observed).status.conditions
    return next(condition.message for condition in stated if condition.type == kind)


def made(observed):
    return [
        (action.manifest["kind"], action.manifest["metadata"]["name"])
        for action in plan(observed).actions
        if isinstance(action, Create | Apply)
    ]


def created(observed):
    actions = plan(observed).actions
    return [action.manifest["metadata"]["name"] for action in actions if isinstance(action, Create)]


def deleted(observed):
    return [
        (action.kind, action.name)
        for action in plan(observed).actions
        if isinstance(action, Delete)
    ]


def told(observed):
    return [
        (action.type, action.reason)
        for action in plan(observed).actions
        if isinstance(action, Announce)
    ]


def replicas(observed):
    return {of: running.wanted for of, running in acted(observed).running.items()}


SERVES = {"Ready": ("True", "Serving"), "Available": ("True", "Serving")}


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
    assert plan(shifted).look_again == timedelta(milliseconds=500)
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
    assert plan(stable).look_again is None
    assert created(stable) == deleted(stable) == told(stable) == []


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
    limping = with_pods(serving(), revision(1), ready=1, trouble=CRASH)
    assert says(limping) == {**SERVES, "Degraded": ("True", "ServerCrashing")}
    assert "no such file" in message(limping, "Degraded")


def test_no_pod_left_is_never_called_ready():
    silent = with_pods(serving(), revision(1), ready=0, trouble=CRASH)
    assert says(silent)["Ready"] == ("False", "ServerCrashing")
    assert says(silent)["Available"] == ("False", "ServerCrashing")
    assert "Stalled" not in says(silent)
    assert says(later(acted(silent), minutes=11))["Stalled"][0] == "True"


# A new version


def newer_version_arrived(observed=None):
    return with_version(observed or serving(), version(2))


def test_a_new_version_grows_beside_the_old_one_which_keeps_the_traffic():
    growing = acted(newer_version_arrived())
    assert growing.in_rotation == revision(1)
    assert growing.status.candidate.version == "flight-delay-v2"
    assert replicas(growing) == {revision(1): 2, revision(2): 2}


def test_a_version_that_arrived_by_itself_leaves_the_deployment_ready():
    growing = acted(newer_version_arrived())
    assert says(growing) == SERVES
    assert told(newer_version_arrived()) == [("Normal", "Starting")]


def test_the_traffic_moves_only_when_every_wanted_pod_is_ready():
    growing = acted(newer_version_arrived())
    assert acted(with_pods(growing, revision(2), ready=1)).in_rotation == revision(1)
    assert acted(with_pods(growing, revision(2), ready=2)).in_rotation == revision(2)


def shifted_to_second():
    return acted(with_pods(acted(newer_version_arrived()), revision(2), ready=2))


def test_a_shift_is_recorded_and_told():
    ready = with_pods(acted(newer_version_arrived()), revision(2), ready=2)
    assert ("Normal", "Shifting") in told(ready)
    status = plan(ready).status
    assert status.stable.version == "flight-delay-v2"
    assert status.candidate is None
    assert [rolled.version for rolled in status.history] == ["flight-delay-v2", "flight-delay-v1"]
    assert says(ready) == SERVES


def test_the_old_pods_answer_until_the_drain_is_over_and_then_go_with_their_service():
    shifted = shifted_to_second()
    assert deleted(shifted) == []
    assert plan(shifted).look_again == timedelta(seconds=15)
    assert deleted(later(shifted, seconds=15)) == [
        ("Deployment", f"{NAME}-{revision(1)}"),
        ("Service", f"{NAME}-{revision(1)}"),
    ]
    assert list(acted(later(shifted, seconds=15)).running) == [revision(2)]


def test_the_old_pods_stay_as_long_as_they_alone_answer():
    silent = later(with_pods(shifted_to_second(), revision(2), ready=0), minutes=1)
    assert deleted(silent) == []


def test_a_shift_that_was_not_recorded_is_recorded_afterwards():
    growing = with_pods(acted(newer_version_arrived()), revision(2), ready=2)
    crashed = replace(acted(growing), status=growing.status)
    status = plan(crashed).status
    assert status.stable.version == "flight-delay-v2"
    assert status.candidate is None
    assert len(status.history) == 2


def test_a_revert_within_the_drain_goes_back_to_the_pods_that_still_stand():
    shifted = shifted_to_second()
    reverted = acted(replace(shifted, model=ModelStatus(current_version="flight-delay-v1")))
    assert created(reverted) == []
    assert acted(reverted).in_rotation == revision(1)


def test_a_candidate_takes_over_with_its_first_pod_where_stable_answers_nothing():
    growing = with_pods(acted(newer_version_arrived()), revision(1), ready=0)
    assert acted(with_pods(growing, revision(2), ready=1)).in_rotation == revision(2)


def test_the_old_pods_that_alone_answer_cause_no_busy_loop():
    silent = later(with_pods(shifted_to_second(), revision(2), ready=0), minutes=1)
    assert plan(silent).look_again > timedelta(minutes=1)


def test_history_remembers_the_newest_ten():
    observed = serving()
    for number in range(2, 14):
        observed = later(settled(with_version(observed, version(number))), minutes=1)
    history = observed.status.history
    assert [rolled.version for rolled in history][::9] == ["flight-delay-v13", "flight-delay-v4"]
    assert len(history) == 10


# A new version that does not start


def broken():
    growing = acted(newer_version_arrived())
    return with_pods(growing, revision(2), ready=0, trouble=CRASH)


def test_a_broken_version_never_gets_the_traffic_and_degrades_with_its_pods_own_words():
    assert acted(broken()).in_rotation == revision(1)
    assert says(broken()) == {**SERVES, "Degraded": ("True", "ServerCrashing")}
    assert "flight-delay-v2: 0 of 2 pods are ready" in message(broken(), "Degraded")
    assert "no such file" in message(broken(), "Degraded")


def test_a_broken_version_past_its_deadline_still_takes_over_once_it_is_ready():
    late = later(acted(broken()), minutes=11)
    assert says(late)["Degraded"] == ("True", "ProgressDeadlineExceeded")
    assert says(late)["Ready"] == ("True", "Serving")
    assert acted(with_pods(late, revision(2), ready=2)).in_rotation == revision(2)


def test_scaling_while_a_version_that_arrived_by_itself_is_broken_does_not_blame_the_spec():
    scaled = respecified(acted(broken()), spec(replicas=3))
    assert says(scaled)["Ready"] == ("True", "Serving")
    assert "Reconciling" not in says(scaled)
    assert replicas(scaled) == {revision(1): 3, revision(2): 3}


def test_a_newer_version_supersedes_a_broken_one_which_goes_at_once():
    superseded = acted(with_version(acted(broken()), version(3)))
    assert superseded.status.candidate.version == "flight-delay-v3"
    assert set(superseded.running) == {revision(1), revision(3)}


def test_a_first_version_that_is_superseded_goes_at_once():
    first = with_pods(acted(new()), revision(1), ready=0, trouble=CRASH)
    assert set(acted(with_version(first, version(2))).running) == {revision(2)}


def test_a_candidate_that_is_withdrawn_goes_and_stable_stays():
    withdrawn = acted(with_version(acted(broken()), version(2, ready=False)))
    assert withdrawn.status.candidate is None
    assert set(withdrawn.running) == {revision(1)}
    assert says(withdrawn) == SERVES


# A change of the spec


def changed():
    return respecified(serving(), spec(server=BIGGER))


def test_a_changed_server_is_rolled_out_like_a_new_version_and_the_spec_waits_for_it():
    growing = acted(changed())
    assert growing.status.candidate.revision == revision(1, BIGGER)
    assert says(growing)["Reconciling"] == ("True", "Starting")
    assert says(growing)["Ready"][0] == "False"
    assert says(growing)["Available"][0] == "True"
    assert says(settled(growing)) == SERVES


def test_a_changed_server_that_is_broken_stalls_after_the_deadline_and_still_may_heal():
    growing = with_pods(acted(changed()), revision(1, BIGGER), ready=0, trouble=CRASH)
    assert says(growing)["Reconciling"] == ("True", "ServerCrashing")
    late = later(acted(growing), minutes=11)
    assert says(late)["Stalled"] == ("True", "ProgressDeadlineExceeded")
    assert says(late)["Available"][0] == "True"
    assert "no such file" in message(late, "Stalled")
    assert says(with_pods(late, revision(1, BIGGER), ready=2)) == SERVES


def test_a_reverted_spec_abandons_the_candidate_and_is_ready_at_once():
    growing = with_pods(acted(changed()), revision(1, BIGGER), ready=0, trouble=CRASH)
    reverted = respecified(growing, spec())
    assert says(reverted) == SERVES
    assert set(acted(reverted).running) == {revision(1)}


def test_a_new_default_server_image_rolls_out_by_itself():
    images = Images(training="job:1", server="server:2", server_sklearn="sklearn:2")
    upgraded = replace(serving(), configuration=CONFIGURATION.model_copy(update={"images": images}))
    growing = acted(upgraded)
    assert growing.status.candidate.revision == revision(1, image="server:2")
    assert says(growing) == SERVES
    assert settled(later(growing, minutes=1)).in_rotation == revision(1, image="server:2")


def test_a_version_that_needs_scikit_learn_gets_the_image_that_has_it():
    slow = replace(version(), artifact=artifact("1", tier=Tier.PIPELINE))
    candidate = acted(new(spec(), slow)).status.candidate
    definition = Definition(MODEL, slow.name, slow.artifact, Server(), "sklearn:1")
    assert candidate.revision == definition.revision


def test_a_new_training_image_changes_nothing():
    images = Images(training="job:2", server="server:1", server_sklearn="sklearn:1")
    upgraded = replace(serving(), configuration=CONFIGURATION.model_copy(update={"images": images}))
    assert acted(upgraded).running == serving().running


def test_more_replicas_grow_in_place_and_fewer_shrink_in_place():
    more = respecified(serving(), spec(replicas=5))
    assert created(more) == []
    assert replicas(more) == {revision(1): 5}
    assert says(more)["Reconciling"] == ("True", "Scaling")
    assert says(more)["Available"][0] == "True"
    fewer = respecified(serving(), spec(replicas=1))
    assert replicas(fewer) == {revision(1): 1}
    assert says(fewer) == SERVES


def test_pods_that_cannot_be_had_stall_the_scaling_after_the_deadline():
    more = acted(respecified(serving(), spec(replicas=5)))
    short = with_pods(more, revision(1), ready=2, trouble=CRASH)
    assert says(short)["Reconciling"] == ("True", "ServerCrashing")
    assert says(later(acted(short), minutes=11))["Stalled"][0] == "True"


def test_scaled_to_zero_is_ready_and_not_available():
    none = respecified(serving(), spec(replicas=0))
    assert replicas(none) == {revision(1): 0}
    assert says(none)["Ready"] == ("True", "ScaledToZero")
    assert says(none)["Available"] == ("False", "ScaledToZero")


def test_a_candidate_goes_when_all_is_scaled_to_zero():
    silent = with_pods(acted(newer_version_arrived()), revision(1), ready=0)
    none = respecified(with_pods(silent, revision(2), ready=1), spec(replicas=0))
    assert set(acted(none).running) == {revision(1)}


def test_a_rollout_waits_until_there_is_a_pod_to_prove_it_with():
    none = settled(respecified(serving(), spec(replicas=0)))
    waiting = with_version(none, version(2))
    assert created(waiting) == []
    back = settled(respecified(waiting, spec()))
    assert back.in_rotation == revision(2)


# Paused


def test_paused_begins_no_rollout_and_still_scales():
    paused = settled(respecified(serving(), spec(paused=True)))
    assert says(paused) == SERVES
    waiting = newer_version_arrived(paused)
    assert created(waiting) == []
    assert says(waiting) == SERVES
    assert replicas(respecified(waiting, spec(replicas=4, paused=True))) == {revision(1): 4}


def test_paused_goes_no_further_with_a_rollout_that_was_asked_for():
    growing = with_pods(acted(changed()), revision(1, BIGGER), ready=2)
    paused = respecified(growing, spec(server=BIGGER, paused=True))
    assert acted(paused).in_rotation == revision(1)
    assert says(paused)["Reconciling"] == ("True", "Paused")
    assert set(acted(paused).running) == {revision(1), revision(1, BIGGER)}
    resumed = respecified(acted(paused), spec(server=BIGGER))
    assert acted(resumed).in_rotation == revision(1, BIGGER)


# What is served when the way to it is gone


def test_serving_goes_on_when_its_version_or_the_whole_model_is_deleted():
    orphan = replace(serving(), model=None, versions=())
    assert says(orphan) == {**SERVES, "Degraded": ("True", "ModelNotFound")}
    assert acted(orphan).running == serving().running


def test_a_store_that_the_namespace_may_not_use_is_named():
    stores = {"other": CONFIGURATION.stores["default"]}
    moved = replace(new(), configuration=CONFIGURATION.model_copy(update={"stores": stores}))
    assert says(moved)["Reconciling"] == ("True", "StoreNotFound")
