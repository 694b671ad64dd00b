import pytest

from builders.training import settings, snapshot, table, task
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure
from perennial.jobs.table.inputs import check_group, inputs_of, target_of


@pytest.fixture
def manifest(tmp_path):
    return snapshot(table(40), settings(tmp_path))


def test_features_are_all_columns_but_target_time_and_those_of_another_role(manifest):
    names = [column.name for column in inputs_of(manifest, task())]
    assert names == ["amount", "visits", "member", "since", "city"]


def test_a_column_of_groups_is_no_feature_unless_its_role_says_so(manifest):
    assert "shop" in {one.name for one in inputs_of(manifest, task(roles={"shop": "Feature"}))}


def test_inputs_say_whether_values_may_be_missing(tmp_path):
    strict = snapshot(table(40), settings(tmp_path), nullable=False)
    assert not any(column.nullable for column in inputs_of(strict, task()))


def test_nothing_to_learn_from_is_refused(manifest):
    roles = dict.fromkeys(["amount", "visits", "member", "since", "city"], "Identifier")
    with pytest.raises(JobFailure, match="no column is left to learn from") as failure:
        inputs_of(manifest, task(roles=roles))
    assert failure.value.reason is JobReason.INVALID_SPEC


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "lateness"}, "spec.target: the Dataset has no column lateness; it has amount,"),
        ({"target": "seen"}, "it is the Dataset's timeColumn"),
        ({"target": "price", "problem": "Classification"}, "its type is Number"),
        ({"target": "city", "problem": "Regression"}, "its type is Category"),
        ({"target": "since", "problem": "Regression"}, "its type is Timestamp"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(manifest, changes, words):
    with pytest.raises(JobFailure) as failure:
        target_of(manifest, task(**changes))
    assert failure.value.reason is JobReason.INVALID_TARGET
    assert failure.value.in_spec
    assert words in failure.value.message


@pytest.mark.parametrize("target", ["late", "grade", "level", "price"])
def test_a_target_of_each_type_can_be_learned(manifest, target):
    assert target_of(manifest, task(target)).name == target


def test_groups_must_be_a_column(manifest):
    check_group(manifest, task(split={"method": "Group", "column": "shop"}))
    with pytest.raises(JobFailure, match=r"spec\.training\.split\.column: .* no column shops"):
        check_group(manifest, task(split={"method": "Group", "column": "shops"}))
