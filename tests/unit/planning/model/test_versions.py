from builders import dataset
from builders.model import data, spec, version
from perennial.planning.model.inputs import training_digest
from perennial.planning.model.versions import current, newest_ready, surplus

HERE = data()
TRAINING = training_digest(spec(), HERE.spec)


def test_a_version_of_the_same_training_and_rows_is_current():
    made = version()
    assert current((made,), TRAINING, HERE) == made


def test_a_fresh_snapshot_of_the_same_contract_leaves_a_version_current():
    made = version()
    assert current((made,), TRAINING, data(digit="b")) == made


def test_another_contract_does_not():
    changed = data(dataset.spec("other/", time_column="time_hour"), digit="b")
    assert current((version(),), TRAINING, changed) is None


def test_another_contract_that_selects_the_very_same_rows_does():
    same_rows = data(dataset.spec("other/", time_column="time_hour"), digit="a")
    made = version()
    assert current((made,), TRAINING, same_rows) == made


def test_another_training_does_not():
    other = training_digest(spec("LogisticRegression"), HERE.spec)
    assert current((version(),), other, HERE) is None


def test_the_newest_of_several_is_current():
    older, newer = version(), version(learned=data(digit="b"), number=2)
    assert current((newer, older), TRAINING, data(digit="b")) == newer


def test_the_newest_ready_version_is_found_by_its_number():
    ready = [version(number=number) for number in (1, 3, 2)]
    unjudged = version(number=4).status.model_copy(update={"conditions": ()})
    fourth = version(number=4)
    fourth = type(fourth)(fourth.name, fourth.uid, fourth.spec, unjudged)
    assert newest_ready([*ready, fourth]).number == 3
    assert newest_ready([fourth]) is None


def test_the_oldest_versions_are_surplus_unless_somebody_needs_them():
    five = [version(learned=data(digit=str(number)), number=number) for number in range(1, 6)]
    assert [each.number for each in surplus(five, 2, ())] == [3, 2, 1]
    assert [each.number for each in surplus(five, 2, {five[1].name})] == [3, 1]
    assert surplus(five, 5, ()) == []
