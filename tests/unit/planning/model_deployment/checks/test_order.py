from dataclasses import replace

from builders.model_deployment import (
    acted,
    new,
    newer_version_arrived,
    respecified,
    revision,
    serving,
    spec,
    version,
    with_pods,
    with_version,
)
from perennial.planning.model_deployment.checks.order import DUE, IN_PROGRESS, SETTLED, decide
from perennial.planning.model_deployment.rollout import assess


def step(observed):
    return decide(assess(observed))


def reasons(observed):
    return {finding.reason for finding in step(observed).findings.values()}


def growing():
    return acted(newer_version_arrived())


def test_without_a_target_what_serves_goes_on_and_a_candidate_is_given_up():
    withdrawn = replace(growing(), model=None)
    assert (step(withdrawn).stable.revision, step(withdrawn).candidate) == (revision(1), None)
    assert "ModelNotFound" in reasons(withdrawn)


def test_a_rollout_whose_stable_revision_is_the_target_is_settled():
    assert reasons(serving()) == {"Serving"}
    assert step(serving()).candidate is None


def test_a_target_that_is_not_the_candidate_is_due():
    assert step(newer_version_arrived()).candidate.revision == revision(2)
    overtaken = with_version(growing(), version(3))
    assert step(overtaken).candidate.revision == revision(3)


def test_a_candidate_that_is_ready_takes_the_traffic_and_settles_the_rollout():
    ready = with_pods(growing(), revision(2), ready=2)
    assert (step(ready).stable.revision, step(ready).candidate) == (revision(2), None)
    assert reasons(ready) == {"Serving"}


def test_a_pause_holds_what_is_due_and_what_is_in_progress():
    held = with_pods(respecified(growing(), spec(paused=True)), revision(2), 2)
    due = respecified(newer_version_arrived(), spec(paused=True))
    assert (step(held).candidate.revision, step(due).candidate) == (revision(2), None)
    assert "Paused" in reasons(due)


def test_the_last_check_of_each_phase_always_applies():
    settled, begun = assess(serving()), assess(growing())
    assert SETTLED[-1](settled, settled.stable)
    assert DUE[-1](begun, begun.target)
    assert IN_PROGRESS[-1](begun, begun.candidate)
    assert step(new()).candidate
