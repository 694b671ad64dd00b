from dataclasses import replace
from datetime import timedelta

from builders.model_deployment import (
    CRASH,
    NAME,
    acted,
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
from builders.rollout_plan import SERVES, created, deleted, events, message, replicas, says
from perennial.api.model import ModelStatus
from perennial.planning.model_deployment.plan import plan

# A new version


def test_a_new_version_grows_beside_the_old_one_which_keeps_the_traffic():
    growing = acted(newer_version_arrived())
    assert growing.in_rotation == revision(1)
    assert growing.status.candidate.version == "flight-delay-v2"
    assert replicas(growing) == {revision(1): 2, revision(2): 2}


def test_a_version_that_arrived_by_itself_leaves_the_deployment_ready():
    growing = acted(newer_version_arrived())
    assert says(growing) == SERVES
    assert events(newer_version_arrived()) == [("Normal", "Starting")]


def test_the_traffic_moves_only_when_every_wanted_pod_is_ready():
    growing = acted(newer_version_arrived())
    assert acted(with_pods(growing, revision(2), ready=1)).in_rotation == revision(1)
    assert acted(with_pods(growing, revision(2), ready=2)).in_rotation == revision(2)


def shifted_to_second():
    return acted(with_pods(acted(newer_version_arrived()), revision(2), ready=2))


def test_a_shift_is_recorded_and_told():
    ready = with_pods(acted(newer_version_arrived()), revision(2), ready=2)
    assert ("Normal", "Shifting") in events(ready)
    status = plan(ready).status
    assert status.stable.version == "flight-delay-v2"
    assert status.candidate is None
    assert [rolled.version for rolled in status.history] == ["flight-delay-v2", "flight-delay-v1"]
    assert says(ready) == SERVES


def test_the_old_pods_answer_until_the_drain_is_over_and_then_go_with_their_service():
    shifted = shifted_to_second()
    assert deleted(shifted) == []
    assert plan(shifted).requeue_after == timedelta(seconds=15)
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
    assert plan(silent).requeue_after > timedelta(minutes=1)


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
    return with_pods(growing, revision(2), ready=0, blocker=CRASH)


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
    first = with_pods(acted(new()), revision(1), ready=0, blocker=CRASH)
    assert set(acted(with_version(first, version(2))).running) == {revision(2)}


def test_a_candidate_that_is_withdrawn_goes_and_stable_stays():
    withdrawn = acted(with_version(acted(broken()), version(2, ready=False)))
    assert withdrawn.status.candidate is None
    assert set(withdrawn.running) == {revision(1)}
    assert says(withdrawn) == SERVES
