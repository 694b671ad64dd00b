import pytest

from harness.agreement import disagreements

TYPE = {"apiVersion": "perennial.dev/v1alpha1", "kind": "ModelDeployment"}


def manifest(*said, observed=2, generation=2, **metadata):
    spoken = [
        {
            "type": kind,
            "status": status,
            "observedGeneration": observed,
            "reason": "Starting",
            "message": "it starts",
        }
        for kind, status in said
    ]
    return {
        **TYPE,
        "metadata": {"generation": generation, **metadata},
        "status": {"observedGeneration": observed, "conditions": spoken},
    }


@pytest.mark.parametrize(
    "sound",
    [
        manifest(("Ready", "True")),
        manifest(("Ready", "True"), ("Degraded", "True")),
        manifest(("Ready", "True"), generation=3),
        manifest(("Ready", "False"), ("Reconciling", "True")),
        manifest(("Ready", "False"), ("Stalled", "True")),
        manifest(observed=-1),
        manifest(("Ready", "True"), ("Stalled", "True"), deletionTimestamp="2026-03-01T12:00:00Z"),
    ],
)
def test_a_sound_status_is_read_alike_by_all(sound):
    assert disagreements(sound) == []


@pytest.mark.parametrize(
    ("words", "unsound"),
    [
        ("would end, and kstatus says InProgress", (("Ready", "True"), ("Reconciling", "True"))),
        ("would end, and kstatus says Failed", (("Ready", "True"), ("Stalled", "True"))),
        (
            "Stalled and Reconciling",
            (("Ready", "False"), ("Reconciling", "True"), ("Stalled", "True")),
        ),
        ("does not say Ready", (("Reconciling", "True"),)),
    ],
)
def test_a_contradiction_is_named(words, unsound):
    assert words in "; ".join(disagreements(manifest(*unsound)))


def test_a_condition_of_another_generation_than_the_status_is_named():
    behind = manifest(("Ready", "True"))
    behind["status"]["conditions"][0]["observedGeneration"] = 1
    assert "conditions speak of [1]" in "; ".join(disagreements(behind))


def test_a_generation_that_nobody_has_written_is_named():
    ahead = manifest(("Ready", "False"), ("Reconciling", "True"), observed=3)
    assert "it observed 3" in "; ".join(disagreements(ahead))


def test_a_status_that_is_empty_is_named_because_kstatus_takes_it_for_done():
    assert "takes for done" in "; ".join(disagreements({**TYPE, "metadata": {"generation": 1}}))
