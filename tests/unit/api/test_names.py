import pytest

from perennial.api import names
from perennial.api.digests import digest_of
from perennial.api.names import LONGEST_NAME

OWNER = "x" * LONGEST_NAME
DIGEST = digest_of("anything")


@pytest.mark.parametrize(
    "name",
    [
        names.snapshot_job_name(OWNER, DIGEST, 9999),
        names.training_job_name(OWNER, DIGEST, 9999),
        names.version_name(OWNER, DIGEST),
        names.revision_name(OWNER, "0123456789"),
    ],
)
def test_the_longest_child_is_no_longer_than_a_label_may_be(name):
    assert len(name) <= 63


def test_the_same_trigger_names_the_same_child():
    assert names.version_name("churn", digest_of({"a": 1, "b": 2})) == names.version_name(
        "churn", digest_of({"b": 2, "a": 1})
    )


def test_another_attempt_has_another_name():
    assert names.training_job_name("churn", DIGEST, 1) != names.training_job_name(
        "churn", DIGEST, 2
    )


def test_a_name_holds_no_colon_of_a_digest():
    assert ":" not in names.snapshot_job_name("churn", DIGEST, 1)


def test_the_longest_name_leaves_room_for_the_key_of_its_ids():
    assert len(names.prediction_key_name("d" * names.LONGEST_NAME)) <= 63


def test_children_are_labelled_with_whose_they_are():
    assert names.labels("Dataset", "churn") == {
        "app.kubernetes.io/managed-by": "perennial",
        "perennial.dev/kind": "Dataset",
        "perennial.dev/name": "churn",
    }
