from builders.model_deployment import MODEL, NOON, version
from perennial.api.conditions import Condition
from perennial.api.model import ModelStatus
from perennial.api.model_deployment import ServedModel
from perennial.planning.model_deployment.served_version import Missing, choose
from perennial.planning.model_version.version import Version

LATEST = ServedModel(name=MODEL)


def chosen(*versions, of=LATEST, current=None, stable=None):
    found = choose(of, ModelStatus(current_version=current), versions, stable)
    return found.number if isinstance(found, Version) else found.reason


def pinned(number):
    return ServedModel(name=MODEL, version=version(number).name)


def test_latest_is_the_version_of_the_current_inputs():
    assert chosen(version(1), version(2), current=version(1).name) == 1


def test_latest_is_the_newest_that_is_ready_while_the_current_one_is_not():
    versions = version(1), version(2), version(3, ready=False)
    assert chosen(*versions, current=version(3).name) == 2
    assert chosen(*versions, current="still-training") == 2


def test_versions_of_other_models_do_not_count():
    assert chosen(version(1), version(9, model="other")) == 1
    assert chosen(version(9, model="other")) == "NoVersion"


def test_a_tightened_limit_never_withdraws_what_serves_for_something_older():
    versions = version(1), version(2, ready=False)
    assert chosen(*versions, stable=version(2).name) == 2
    assert chosen(*versions) == 1


def test_a_pinned_version_is_served_however_old():
    assert chosen(version(1), version(2), of=pinned(1)) == 1


def test_a_pinned_version_must_exist_belong_to_the_model_and_be_ready():
    assert chosen(version(1), of=pinned(2)) == "VersionNotFound"
    foreign = version(2, model="other")
    wanted = ServedModel(name=MODEL, version=foreign.name)
    assert chosen(foreign, of=wanted) == "VersionNotFound"
    assert chosen(version(2, ready=False), of=pinned(2)) == "VersionNotReady"
    assert chosen(version(2, ready=False), of=pinned(2), stable=version(2).name) == 2


def test_what_is_missing_is_explained_in_the_words_of_whoever_knows():
    failed = version(2, ready=False, verdict="roc_auc 0.61 is below 0.70")
    missing = choose(pinned(2), ModelStatus(), (failed,), None)
    assert isinstance(missing, Missing)
    assert missing.message.endswith("roc_auc 0.61 is below 0.70")
    training = Condition(
        type="Ready",
        status="False",
        reason="Training",
        message="Job x is at work",
        observed_generation=1,
        last_transition_time=NOON,
    )
    missing = choose(LATEST, ModelStatus(conditions=(training,)), (), None)
    assert isinstance(missing, Missing)
    assert "Training: Job x is at work" in missing.message


def test_a_missing_model_is_named():
    missing = choose(LATEST, None, (), None)
    assert isinstance(missing, Missing)
    assert missing.reason == "ModelNotFound"
    assert MODEL in missing.message
