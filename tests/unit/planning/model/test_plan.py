from dataclasses import replace
from datetime import timedelta

import pytest

from builders import dataset
from builders.job import CONFIGURATION, NOON, held, limited
from builders.model import (
    at_least,
    begun,
    broken,
    data,
    observed,
    recorded,
    request,
    spec,
    trained,
    version,
)
from perennial.api.model import ArtifactPlace, TrainingJob
from perennial.api.pod import Owner
from perennial.planning.job.manifest import settings_digest
from perennial.planning.model.inputs import TrainingRequest, Unusable
from perennial.planning.model.plan import plan
from perennial.planning.plan import Create, Delete, PostEvent


def created(of, kind="Job"):
    return [
        action.manifest
        for action in plan(of).actions
        if isinstance(action, Create) and action.manifest["kind"] == kind
    ]


def jobs(of):
    return [manifest["metadata"]["name"] for manifest in created(of)]


def deleted(of):
    return [action.name for action in plan(of).actions if isinstance(action, Delete)]


def announced(of):
    return [action.reason for action in plan(of).actions if isinstance(action, PostEvent)]


def says(of):
    return {each.type: (each.status, each.reason) for each in plan(of).status.conditions}


def message(of):
    return next(each.message for each in plan(of).status.conditions if each.type == "Ready")


def begun_with(of):
    return TrainingRequest.model_validate_json(
        created(of)[0]["metadata"]["annotations"]["perennial.dev/order"]
    )


# Training


def test_a_model_without_a_version_trains():
    fresh = observed()
    assert jobs(fresh) == [f"delay-{request().inputs.removeprefix('sha256:')[:10]}-1"]
    assert says(fresh) == {"Ready": ("False", "Training"), "Reconciling": ("True", "Training")}
    assert announced(fresh) == ["Training"]
    assert plan(fresh).status.training.job == jobs(fresh)[0]


def test_the_job_notes_what_it_was_begun_with():
    assert begun_with(observed()) == request()
    assert begun_with(replace(observed(), revision="4f2c")).revision == "4f2c"


def test_a_training_under_way_is_left_alone():
    assert plan(observed(attempts=(begun(),))).actions == ()
    assert says(observed(attempts=(begun(),)))["Reconciling"] == ("True", "Training")


def test_a_reported_training_becomes_a_version_with_the_next_number():
    first = version(spec("LogisticRegression"), number=4)
    done = observed(attempts=(trained(),), versions=(first,))
    (made,) = created(done, "ModelVersion")
    assert made["spec"]["number"] == 5
    assert made["spec"]["inputs"]["digest"] == request().inputs
    assert says(done)["Reconciling"] == ("True", "VersionMade")
    assert "VersionMade" in announced(done)
    assert jobs(done) == []


def test_the_version_is_made_of_what_the_job_was_begun_with_not_of_what_is_so_now():
    noted = request(store="default", image="job:0", revision="old")
    done = replace(observed(attempts=(trained(noted),)), revision="new")
    (made,) = created(done, "ModelVersion")
    assert made["spec"]["inputs"]["training"]["image"] == "job:0"
    assert made["spec"]["inputs"]["source"]["revision"] == "old"


def test_a_version_that_may_be_served_makes_the_model_ready():
    settled = observed(versions=(version(),))
    assert says(settled) == {"Ready": ("True", "VersionReady")}
    assert message(settled) == f"{version().name} (version 1) may be served: roc_auc 0.741"
    assert plan(settled).status.current_version == version().name
    assert plan(settled).status.latest_ready == version().name
    assert jobs(settled) == []


def test_a_settled_model_is_left_alone():
    settled = observed(
        versions=(version(),), attempts=(trained(ended=NOON - timedelta(minutes=5)),)
    )
    again = replace(settled, status=plan(settled).status)
    assert plan(again).actions == ()
    assert plan(again).status == again.status


# What trains, and what does not


@pytest.mark.parametrize(
    "edited",
    [
        spec(description="will it be late?"),
        spec(owner=Owner(team="ops")),
        spec(job=TrainingJob(deadline="5m")),
        spec(keep=3),
    ],
    ids=["description", "owner", "job", "versions"],
)
def test_an_edit_that_changes_nothing_learned_trains_nothing(edited):
    settled = replace(observed(edited, versions=(version(),)), generation=4)
    assert jobs(settled) == []
    assert says(settled) == {"Ready": ("True", "VersionReady")}
    assert plan(settled).status.observed_generation == 4


def test_a_changed_recipe_trains():
    assert len(jobs(observed(spec("LogisticRegression"), versions=(version(),)))) == 1


def test_a_refreshed_snapshot_of_the_same_contract_trains_nothing():
    assert jobs(observed(learned=data(digit="b"), versions=(version(),))) == []


def test_a_refresh_during_training_starts_no_second_job():
    assert jobs(observed(learned=data(digit="b"), attempts=(begun(),))) == []
    done = observed(learned=data(digit="b"), attempts=(trained(),))
    (made,) = created(done, "ModelVersion")
    assert made["spec"]["inputs"]["dataset"]["digest"] == data().snapshot.digest


def test_a_refresh_after_a_failure_trains_on_the_fresh_rows_at_once():
    fresh = observed(learned=data(digit="b"), attempts=(broken(in_spec=True),))
    assert begun_with(fresh).dataset.digest == data(digit="b").snapshot.digest
    assert jobs(fresh)[0].endswith("-1")


def test_a_changed_contract_trains_on_its_snapshot():
    changed = data(dataset.spec("other/", time_column="time_hour"), digit="b")
    assert len(jobs(observed(learned=changed, versions=(version(),)))) == 1


def test_a_new_image_trains_nothing():
    newer = CONFIGURATION.model_copy(
        update={"images": CONFIGURATION.images.model_copy(update={"training": "job:2"})}
    )
    assert jobs(observed(versions=(version(),), configuration=newer)) == []
    stuck = broken(in_spec=True, settings=settings_digest(spec().training.job))
    assert jobs(observed(attempts=(stuck,), configuration=newer)) == []


def test_going_back_to_an_old_recipe_finds_its_old_version():
    old, new = version(), version(spec("LogisticRegression"), number=2)
    back = observed(versions=(old, new))
    assert jobs(back) == []
    assert plan(back).status.current_version == old.name
    assert plan(back).status.latest_version == new.name


def test_a_training_that_nobody_wants_any_more_is_stopped():
    edited = observed(spec("LogisticRegression"), attempts=(begun(),))
    assert deleted(edited) == [begun().name]
    assert len(jobs(edited)) == 1
    assert deleted(observed(attempts=(begun(request(spec("LogisticRegression"))),))) != []


# What it waits for


@pytest.mark.parametrize("reason", ["DatasetNotFound", "DatasetNotReady"])
def test_a_model_waits_for_its_dataset(reason):
    waits = observed(learned=Unusable(reason, "waits for Dataset flights"), attempts=(begun(),))
    assert says(waits)["Reconciling"] == ("True", reason)
    assert deleted(waits) == []


def test_a_dataset_without_a_snapshot_of_its_present_contract_is_waited_for():
    stale = replace(
        data(), snapshot=dataset.snapshot(dataset.spec("older/")), ready_reason="NoRows"
    )
    for learned in (replace(data(), snapshot=None), stale):
        waits = observed(learned=learned)
        assert says(waits)["Reconciling"] == ("True", "DatasetNotReady")
        assert jobs(waits) == []
    assert "Ready condition is NoRows" in message(observed(learned=stale))


def test_a_full_namespace_queues():
    full = replace(observed(), free_slots=0)
    assert says(full)["Reconciling"] == ("True", "Queued")
    assert jobs(full) == []


# Mistakes


def test_a_mistake_in_the_recipe_stalls_before_any_job():
    mistake = "spec.training.recipe.parameters.max_itr: did you mean max_iter?"
    wrong = replace(observed(), mistakes=(mistake, "another"))
    assert says(wrong)["Stalled"] == ("True", "InvalidSpec")
    assert message(wrong) == f"{mistake}; another"
    assert jobs(wrong) == []
    assert announced(wrong) == ["InvalidSpec"]


def test_a_store_that_the_namespace_may_not_use_stalls():
    lost = observed(spec(artifact=ArtifactPlace(store="theirs")))
    assert says(lost)["Stalled"] == ("True", "StoreNotFound")
    assert "available are: default" in message(lost)
    assert jobs(lost) == []


def test_data_in_a_store_that_is_gone_are_waited_for():
    without = CONFIGURATION.model_copy(
        update={"stores": {"archive": CONFIGURATION.stores["default"]}}
    )
    lost = observed(spec(artifact=ArtifactPlace(store="archive")), configuration=without)
    assert says(lost)["Reconciling"] == ("True", "DatasetNotReady")


# Failures


def test_a_fault_of_the_spec_stalls_and_is_remembered():
    settings = settings_digest(spec().training.job)
    stuck = observed(attempts=(broken(in_spec=True, settings=settings),))
    assert says(stuck)["Stalled"] == ("True", "FitFailed")
    assert message(stuck) == "the estimator refused the data"
    assert plan(stuck).status.failures[0].reason == "FitFailed"
    assert plan(stuck).requeue_after is None
    assert announced(stuck) == ["FitFailed"]
    again = recorded(stuck, plan(stuck).status)
    assert plan(again).actions == ()


def test_more_memory_is_tried_at_once():
    more = spec(job=TrainingJob(resources=limited("2Gi").resources))
    killed = broken(in_spec=True, reason="OutOfMemory")
    assert jobs(observed(more, attempts=(killed,)))[0].endswith("-2")


def test_another_fault_is_tried_again_as_the_next_attempt():
    failed = observed(attempts=(broken(seconds_ago=31, reason="StoreUnavailable"),))
    assert jobs(failed)[0].endswith("-2")
    assert says(failed)["Reconciling"] == ("True", "StoreUnavailable")


def test_a_blocker_is_shown_while_the_job_waits():
    noted = begun()
    template = created(observed())[0]["metadata"]["annotations"]["perennial.dev/template"]
    waits = replace(noted, blocker=held().blocker, template=template)
    assert says(observed(attempts=(waits,)))["Reconciling"] == ("True", "ImageUnavailable")


# Gates


STRICT = (at_least("0.80"),)


def test_a_version_that_fails_its_gates_stalls_the_model_with_the_numbers():
    failed = observed(spec(limits=STRICT), versions=(version(spec(limits=STRICT)),))
    assert says(failed)["Stalled"] == ("True", "GateFailed")
    assert "roc_auc is 0.7412 (0.7310 to 0.7514, 10000 rows)" in message(failed)
    assert plan(failed).status.latest_ready is None
    assert plan(failed).status.current_version == version().name


def test_a_verdict_by_other_limits_is_not_believed():
    edited = observed(spec(limits=STRICT), versions=(version(),))
    assert says(edited)["Reconciling"] == ("True", "VersionMade")
    assert message(edited).endswith("is being judged")


def test_an_older_version_stays_ready_to_be_served_when_the_current_one_fails():
    old = version(spec("LogisticRegression", limits=STRICT[:0]), number=1)
    bad = version(spec(limits=STRICT), number=2)
    status = plan(observed(spec(limits=STRICT), versions=(old, bad))).status
    assert (status.current_version, status.latest_ready) == (bad.name, old.name)


# Retention


def many(count):
    recipes = [f"Estimator{number}" for number in range(1, count)]
    older = [version(spec(name), number=number) for number, name in enumerate(recipes, 1)]
    return (*older, version(number=count))


def test_the_oldest_versions_beyond_those_that_stay_go():
    crowd = many(5)
    crowded = observed(spec(keep=3), versions=crowd)
    assert deleted(crowded) == [crowd[1].name, crowd[0].name]
    assert plan(crowded).status.versions == 3


def test_a_version_that_is_served_never_goes():
    crowd = many(5)
    crowded = replace(observed(spec(keep=3), versions=crowd), served=frozenset({crowd[0].name}))
    assert deleted(crowded) == [crowd[1].name]


def test_the_current_version_never_goes_however_old_it_is():
    crowd = many(5)
    back = observed(spec("Estimator1", keep=1), versions=crowd)
    assert crowd[0].name not in deleted(back)


def test_the_newest_ready_version_never_goes():
    first = version(spec("Estimator1"), number=1)
    failing = [
        version(spec(f"Estimator{number}", limits=STRICT), number=number) for number in (2, 3)
    ]
    crowded = observed(spec(limits=STRICT, keep=1), versions=(first, *failing))
    assert deleted(crowded) == [failing[0].name]


def test_a_version_that_went_does_not_come_back_from_its_old_job():
    crowd = many(3)
    old_job = trained(request(spec("Estimator1")), ended=NOON - timedelta(minutes=5))
    crowded = observed(spec(keep=1), versions=crowd[1:], attempts=(old_job,))
    assert created(crowded, "ModelVersion") == []


def test_a_version_that_somebody_deleted_comes_back_from_its_job():
    again = observed(attempts=(trained(ended=NOON - timedelta(minutes=5)),))
    assert len(created(again, "ModelVersion")) == 1
    assert jobs(again) == []
