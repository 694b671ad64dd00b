import pytest

from builders.dataset import spec as dataset_spec
from builders.model import data, request, spec
from perennial.api.dataset import Column
from perennial.api.model import Recipe, Search, Split, Training, TrainingJob
from perennial.api.pod import Owner
from perennial.api.tasks import ColumnLimits
from perennial.planning.model.inputs import (
    TrainingRequest,
    inputs_digest,
    limits,
    resolved_split,
    roles,
    training_digest,
)

TIMED = dataset_spec(time_column="time_hour")


def digest(of=None, learned=TIMED):
    return training_digest(of or spec(), learned)


LEARNED = {
    "target": spec(target="delayed"),
    "problem": spec(problem="Regression"),
    "positive class": spec(positive_class="true"),
    "metric": spec(metric="f1"),
    "estimator": spec("LogisticRegression"),
    "seed": spec(split=Split(seed=7)),
    "holdout": spec(split=Split(holdout="0.3")),
    "split": spec(split=Split(method="Random")),
}


@pytest.mark.parametrize("what", LEARNED)
def test_what_is_learned_otherwise_is_another_training(what):
    assert digest(LEARNED[what]) != digest()


UNLEARNED = {
    "description": spec(description="late?"),
    "owner": spec(owner=Owner(team="ops")),
    "job": spec(job=TrainingJob(deadline="5m")),
    "versions": spec(keep=2),
}


@pytest.mark.parametrize("what", UNLEARNED)
def test_what_changes_nothing_that_is_learned_is_the_same_training(what):
    assert digest(UNLEARNED[what]) == digest()


def test_saying_the_defaults_is_the_same_training():
    explicit = spec().model_copy(
        update={"training": Training(recipe=Recipe(parameters={}), split=Split(holdout="0.2"))}
    )
    assert digest(explicit) == digest()


def test_an_absent_method_is_the_one_it_stands_for():
    assert resolved_split(spec(), TIMED).method == "Time"
    assert resolved_split(spec(), dataset_spec()).method == "Random"
    assert digest(spec(split=Split(method="Time"))) == digest()
    assert digest(spec(split=Split(method="Random")), dataset_spec()) == digest(
        learned=dataset_spec()
    )


def test_what_columns_are_for_is_learned_and_how_they_are_checked_is_not():
    def with_column(**facts):
        return dataset_spec(
            time_column="time_hour", columns=(Column(name="origin", type="Category", **facts),)
        )

    assert roles(with_column(role="Group")) == {"origin": "Group"}
    assert digest(learned=with_column(role="Group")) != digest()
    assert digest(learned=with_column(allowed_values=("JFK",))) == digest()


def test_only_what_is_learned_from_has_limits():
    def limited(role):
        return dataset_spec(columns=(Column(name="hour", type="Integer", minimum="0", role=role),))

    assert limits(limited("Feature")) == (ColumnLimits(name="hour", minimum="0"),)
    assert limits(limited("Group")) == ()


def test_a_search_is_learned():
    searching = Training(recipe=Recipe(search=Search(parameters={"max_iter": ("1", "2")})))
    assert digest(spec().model_copy(update={"training": searching})) != digest()


def test_the_inputs_are_the_training_and_the_rows():
    assert inputs_digest("t", "a") != inputs_digest("t", "b")
    assert inputs_digest("t", "a") != inputs_digest("u", "a")
    assert inputs_digest("t", "a") == inputs_digest("t", "a")


def test_a_note_on_a_job_reads_back_as_it_was_written():
    noted = request(learned=data()).model_copy(update={"revision": "4f2c"})
    written = noted.model_dump_json(by_alias=True, exclude_defaults=True)
    assert TrainingRequest.model_validate_json(written) == noted
