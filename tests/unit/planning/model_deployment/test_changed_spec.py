from dataclasses import replace

from builders.model_deployment import (
    CONFIGURATION,
    CRASH,
    MODEL,
    acted,
    artifact,
    later,
    new,
    newer_version_arrived,
    respecified,
    revision,
    serving,
    settled,
    spec,
    version,
    with_pods,
    with_version,
)
from builders.rollout_plan import SERVES, created, message, replicas, says
from perennial.api.configuration import Images
from perennial.api.model_deployment import Server
from perennial.api.pod import Resources
from perennial.api.tier import Tier
from perennial.planning.model_deployment.revision import Definition

BIGGER = Server(resources=Resources(requests={"cpu": "1"}))


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
    growing = with_pods(acted(changed()), revision(1, BIGGER), ready=0, blocker=CRASH)
    assert says(growing)["Reconciling"] == ("True", "ServerCrashing")
    late = later(acted(growing), minutes=11)
    assert says(late)["Stalled"] == ("True", "ProgressDeadlineExceeded")
    assert says(late)["Available"][0] == "True"
    assert "no such file" in message(late, "Stalled")
    assert says(with_pods(late, revision(1, BIGGER), ready=2)) == SERVES


def test_a_reverted_spec_abandons_the_candidate_and_is_ready_at_once():
    growing = with_pods(acted(changed()), revision(1, BIGGER), ready=0, blocker=CRASH)
    reverted = respecified(growing, spec())
    assert says(reverted) == SERVES
    assert set(acted(reverted).running) == {revision(1)}


def test_a_new_default_server_image_rolls_out_by_itself():
    images = Images(training="job:1", server="server:2", server_sklearn="sklearn:1")
    upgraded = replace(serving(), configuration=CONFIGURATION.model_copy(update={"images": images}))
    growing = acted(upgraded)
    assert growing.status.candidate.revision == revision(1, image="server:2")
    assert says(growing) == SERVES
    assert settled(later(growing, minutes=1)).in_rotation == revision(1, image="server:2")


def test_a_version_that_needs_scikit_learn_gets_the_image_that_has_it():
    slow = version(stored=artifact("1", tier=Tier.PIPELINE))
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
    short = with_pods(more, revision(1), ready=2, blocker=CRASH)
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
