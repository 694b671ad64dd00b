from builders.job import NOON
from perennial.api import conditions
from perennial.planning.announcements import announcements
from perennial.planning.plan import PostEvent


def before(findings):
    return conditions.merge((), findings, 1, NOON)


READY = conditions.ready("VersionReady", "a may be served")
FAILING = conditions.reconciling("StoreUnavailable", "the store is away")
STUCK = conditions.stalled("InvalidSpec", "no such estimator")


def test_a_new_failure_is_told_as_a_warning():
    events = (PostEvent("Warning", "StoreUnavailable", "the store is away"),)
    assert announcements(before(READY), FAILING) == events
    assert announcements(before(FAILING), STUCK)[0].reason == "InvalidSpec"


def test_good_news_is_normal():
    assert announcements(before(FAILING), READY) == (
        PostEvent("Normal", "VersionReady", "a may be served"),
    )


def test_what_was_so_before_is_no_news():
    assert announcements(before(READY), READY) == ()
    again = conditions.reconciling("StoreUnavailable", "the store is away; trying again at 12:30")
    assert announcements(before(FAILING), again) == ()


def test_the_steps_that_everybody_expects_are_no_news():
    assert announcements((), conditions.reconciling("FirstSnapshot", "a Job is at it")) == ()
    assert announcements((), conditions.ready("SnapshotReady", "100 rows")) == ()


def test_what_is_degraded_leads_before_what_is_ready():
    degraded = conditions.degraded(READY, "QualityFailed", "dep_delay")
    assert announcements(before(READY), degraded) == (
        PostEvent("Warning", "QualityFailed", "dep_delay"),
    )
    assert announcements(before(degraded), degraded) == ()


def test_a_pause_that_the_spec_asks_for_is_normal():
    pausing = conditions.reconciling("Pausing", "v2 has 33 % of the traffic")
    assert announcements(before(READY), pausing)[0].type == "Normal"
