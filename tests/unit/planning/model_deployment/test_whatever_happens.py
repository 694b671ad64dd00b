"""Whatever happens, in whatever order: what must hold for a ModelDeployment all the same."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.model_deployment import (
    CRASH,
    acted,
    later,
    new,
    respecified,
    revision,
    settled,
    version,
    with_pods,
    with_version,
)
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.planning.model_deployment.plan import plan
from perennial.planning.plan import Apply

VERSIONS = (1, 2, 3)
EVENTS = st.one_of(
    st.tuples(st.just("ready"), st.sampled_from(VERSIONS), st.integers(0, 3)),
    st.tuples(st.just("crash"), st.sampled_from(VERSIONS), st.just(0)),
    st.tuples(st.just("version"), st.sampled_from(VERSIONS), st.booleans()),
    st.tuples(st.just("current"), st.sampled_from(VERSIONS), st.just(0)),
    st.tuples(st.just("replicas"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("paused"), st.booleans(), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 700]), st.just(0)),
    st.tuples(st.just("answers"), st.booleans(), st.just(0)),
    st.tuples(st.just("forget"), st.just(0), st.just(0)),
)


def happen(observed, event):
    what, which, much = event
    return HAPPENINGS[what](observed, which, much)


def pods_change(observed, number, ready, blocker=None):
    of = revision(number)
    running = observed.running.get(of)
    return with_pods(observed, of, min(ready, running.wanted), blocker) if running else observed


def spec_changes(observed, **fields):
    return respecified(observed, observed.spec.model_copy(update=fields))


HAPPENINGS = {
    "ready": pods_change,
    "crash": lambda seen, number, _: pods_change(seen, number, 0, CRASH),
    "version": lambda seen, number, ready: with_version(seen, version(number, ready=ready)),
    "current": lambda seen, number, _: replace(seen, model=current(number)),
    "replicas": lambda seen, wanted, _: spec_changes(seen, replicas=wanted),
    "paused": lambda seen, paused, _: spec_changes(seen, paused=paused),
    "wait": lambda seen, seconds, _: later(seen, seconds=seconds),
    "answers": lambda seen, answers, _: replace(seen, answers=answers),
    "forget": lambda seen, *_: replace(seen, status=ModelDeploymentStatus()),
}


def current(number):
    return ModelStatus(current_version=version(number).name)


def ready_pods(observed, of):
    return observed.running[of].ready if of in observed.running else 0


def obeys_the_safe_order(before, after):
    if after.in_rotation != before.in_rotation and after.spec.replicas:
        assert ready_pods(before, after.in_rotation) > 0, "traffic for a revision without pods"
    gone = set(before.running) - set(after.running)
    for of in gone:
        assert of != after.in_rotation, "the pods in rotation were removed"
        if after.spec.replicas and ready_pods(before, of):
            served = ready_pods(before, after.in_rotation) if after.in_rotation else 0
            assert served or before.in_rotation != of, "the only pods that answered were removed"


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=30))
def test_no_sequence_of_events_breaks_the_safe_order(events):
    observed = new()
    for event in events:
        before = happen(observed, event)
        observed = acted(before)
        obeys_the_safe_order(before, observed)
        stated = {each.type for each in observed.status.conditions if each.status == "True"}
        assert not {"Reconciling", "Stalled"} <= stated
        assert not ("Ready" in stated and {"Reconciling", "Stalled"} & stated)
        assert observed.status.observed_generation == observed.generation


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=20))
def test_whatever_happened_it_settles_and_then_stays_still(events):
    observed = new()
    for event in events:
        observed = acted(happen(observed, event))
    calm = settled(later(settled(observed), hours=1))
    assert acted(calm) == calm
    assert all(isinstance(action, Apply) for action in plan(calm).actions)
