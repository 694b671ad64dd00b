import pytest

from harness.kstatus import kstatus


def manifest(*conditions, observed=2, **metadata):
    said = [{"type": kind, "status": status} for kind, status in conditions]
    return {
        "metadata": {"generation": 2, **metadata},
        "status": {"observedGeneration": observed, "conditions": said},
    }


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ("Current", manifest(("Ready", "True"))),
        ("InProgress", manifest(("Ready", "False"))),
        ("InProgress", manifest(("Ready", "Unknown"))),
        ("InProgress", manifest(("Ready", "True"), observed=1)),
        ("InProgress", manifest(observed=-1)),
        ("InProgress", manifest(("Ready", "True"), ("Reconciling", "True"))),
        ("Failed", manifest(("Ready", "False"), ("Stalled", "True"))),
        ("Current", manifest(("Ready", "True"), ("Stalled", "False"), ("Degraded", "True"))),
        ("Failed", manifest(("Stalled", "True"), ("Reconciling", "True"))),
        ("InProgress", manifest(("Reconciling", "True"), ("Stalled", "True"))),
        ("Terminating", manifest(("Ready", "True"), deletionTimestamp="2026-03-01T12:00:00Z")),
    ],
)
def test_the_rules_of_kstatus(verdict, found):
    assert kstatus(found) == verdict


def test_an_object_that_says_nothing_counts_as_done_which_is_why_the_schema_has_a_default():
    assert kstatus({"metadata": {"generation": 1}}) == "Current"
