"""What Datasets, Models and ModelVersions say at every step of their lives, as kstatus reads it."""

from builders import dataset, model
from builders.job import CONFIGURATION, condition, ended, limited, refused, waiting
from doubles.life import Life
from harness.agreement import disagreements
from harness.kstatus import kstatus
from perennial.api.dataset import ObjectSource, Source
from perennial.api.model import TrainingJob

DATASET, MODEL = ("Dataset", "flights"), ("Model", "delay")
LEADING = ("Stalled", "Degraded", "Reconciling", "Ready")


class Story:
    """The life of a namespace, and a line for each state of one object in it."""

    def __init__(self, kind, name):
        self.life = Life()
        self.of = (kind, name)
        self.lines = []

    def then(self, what, happens=lambda _life: None):
        """Let something happen, let the operator do its work, and record the conditions."""
        happens(self.life)
        self.life.settles()
        assert disagreements(self.life.get(*self.of)) == []
        self.lines.append(f"{what:<28} {line(self.life.get(*self.of))}")
        return self

    def __str__(self):
        return "\n".join(self.lines)


def line(manifest):
    stated = {each["type"]: each for each in manifest["status"]["conditions"]}
    leading = next(stated[kind] for kind in LEADING if kind in stated)
    assert all(each["observedGeneration"] for each in stated.values())
    assert not {"Reconciling", "Stalled"} <= stated.keys()
    return (
        f"{kstatus(manifest):<10} {stated['Ready']['status']:<5} "
        f"{leading['type']} {leading['reason']}"
    )


def expected(text):
    return "\n".join(line.strip() for line in text.strip().splitlines())


def write(what, spec):
    return lambda life: life.apply(*what, spec)


def job(life):
    return life.jobs(unfinished=True)[-1]["metadata"]["name"]


def fails(reason, *, in_spec=False):
    return lambda life: life.fails(job(life), reason, in_spec=in_spec)


def works(digit="a"):
    return lambda life: life.works(digit)


def passes(seconds):
    return lambda life: life.passes(seconds)


def shows(phase, *states, **status):
    return lambda life: life.pod(job(life), phase, *states, **status)


def killed_for_memory(life):
    name = job(life)
    life.pod(name, "Failed", ended("work", 137, reason="OOMKilled", after=life.seconds))
    life.over(name, "Failed")


FLIGHTS = dataset.spec(time_column="time_hour")
DAILY = dataset.spec(time_column="time_hour", every="24h")
ELSEWHERE = dataset.spec("elsewhere/", time_column="time_hour")
LOST = dataset.spec(source=Source(object=ObjectSource(store="archive", path="flights/")))


def test_a_dataset_from_the_first_snapshot_to_an_edited_contract():
    story = (
        Story(*DATASET)
        .then("created", write(DATASET, FLIGHTS))
        .then("its pod runs", shows("Running", ended("prepare")))
        .then("the snapshot is taken", works())
        .then("an hour passes", passes(3601))
        .then("another path", write(DATASET, ELSEWHERE))
        .then("the snapshot is taken", works("b"))
    )
    assert str(story) == expected("""
        created                      InProgress False Reconciling FirstSnapshot
        its pod runs                 InProgress False Reconciling FirstSnapshot
        the snapshot is taken        Current    True  Ready SnapshotReady
        an hour passes               Current    True  Ready SnapshotReady
        another path                 InProgress False Reconciling ContractChanged
        the snapshot is taken        Current    True  Ready SnapshotReady
        """)


def test_a_dataset_whose_data_are_bad_at_first():
    story = (
        Story(*DATASET)
        .then("created", write(DATASET, FLIGHTS))
        .then("a check fails", fails("QualityFailed"))
        .then("the pause is over", passes(30))
        .then("it fails again", fails("QualityFailed"))
        .then("the longer pause is over", passes(60))
        .then("the data are good now", works())
    )
    assert str(story) == expected("""
        created                      InProgress False Reconciling FirstSnapshot
        a check fails                InProgress False Reconciling QualityFailed
        the pause is over            InProgress False Reconciling QualityFailed
        it fails again               InProgress False Reconciling QualityFailed
        the longer pause is over     InProgress False Reconciling QualityFailed
        the data are good now        Current    True  Ready SnapshotReady
        """)


def test_a_dataset_whose_spec_is_at_fault():
    story = (
        Story(*DATASET)
        .then("an unknown store", write(DATASET, LOST))
        .then("a known one", write(DATASET, FLIGHTS))
        .then("a wrong separator", fails("SchemaMismatch", in_spec=True))
        .then("a day passes", passes(86400))
        .then("another path", write(DATASET, ELSEWHERE))
        .then("the snapshot is taken", works())
    )
    assert str(story) == expected("""
        an unknown store             Failed     False Stalled StoreNotFound
        a known one                  InProgress False Reconciling FirstSnapshot
        a wrong separator            Failed     False Stalled SchemaMismatch
        a day passes                 Failed     False Stalled SchemaMismatch
        another path                 InProgress False Reconciling FirstSnapshot
        the snapshot is taken        Current    True  Ready SnapshotReady
        """)


def test_a_dataset_whose_refresh_fails_stays_ready():
    story = (
        Story(*DATASET)
        .then("created", write(DATASET, DAILY))
        .then("the snapshot is taken", works())
        .then("a day passes", passes(86400))
        .then("the store is away", fails("StoreUnavailable"))
        .then("the pause is over", passes(30))
        .then("the store is back", works())
    )
    assert str(story) == expected("""
        created                      InProgress False Reconciling FirstSnapshot
        the snapshot is taken        Current    True  Ready SnapshotReady
        a day passes                 Current    True  Ready SnapshotReady
        the store is away            Current    True  Degraded StoreUnavailable
        the pause is over            Current    True  Degraded StoreUnavailable
        the store is back            Current    True  Ready SnapshotReady
        """)


def no_room(life):
    uid = life.jobs()[-1]["metadata"]["uid"]
    life.refused = {uid: (refused("exceeded quota: small", after=life.seconds),)}


def test_a_dataset_that_many_things_keep_from_starting():
    unscheduled = condition("PodScheduled", "False", "Unschedulable", "0/1 nodes are available")
    story = (
        Story(*DATASET)
        .then("created", write(DATASET, FLIGHTS))
        .then("the quota is used up", no_room)
        .then("there is room again", shows("Pending"))
        .then("no node has room", shows("Pending", conditions=[unscheduled]))
        .then("nor after a moment", passes(20))
        .then("the image is not there", shows("Pending", waiting("prepare", "ErrImagePull")))
        .then("it is pulled again", shows("Pending", waiting("prepare", "ImagePullBackOff")))
        .then(
            "nor is the Secret",
            shows("Pending", waiting("prepare", "CreateContainerConfigError", "secret not found")),
        )
        .then("all is there", shows("Running", ended("prepare")))
        .then("the snapshot is taken", works())
    )
    assert str(story) == expected("""
        created                      InProgress False Reconciling FirstSnapshot
        the quota is used up         InProgress False Reconciling QuotaExceeded
        there is room again          InProgress False Reconciling FirstSnapshot
        no node has room             InProgress False Reconciling FirstSnapshot
        nor after a moment           InProgress False Reconciling Unschedulable
        the image is not there       InProgress False Reconciling ImageUnavailable
        it is pulled again           InProgress False Reconciling ImageUnavailable
        nor is the Secret            InProgress False Reconciling SecretNotFound
        all is there                 InProgress False Reconciling FirstSnapshot
        the snapshot is taken        Current    True  Ready SnapshotReady
        """)


def test_a_model_from_the_first_training_to_an_edited_recipe():
    story = (
        Story(*MODEL)
        .then("created before its data", write(MODEL, model.spec()))
        .then("the Dataset arrives", write(DATASET, FLIGHTS))
        .then("its snapshot is taken", works())
        .then("the version is made", works())
        .then("the owner is edited", write(MODEL, model.spec(description="late?")))
        .then("the recipe is edited", write(MODEL, model.spec("LogisticRegression")))
        .then("the version is made", works())
        .then("the edit is taken back", write(MODEL, model.spec()))
    )
    assert str(story) == expected("""
        created before its data      InProgress False Reconciling DatasetNotFound
        the Dataset arrives          InProgress False Reconciling DatasetNotReady
        its snapshot is taken        InProgress False Reconciling Training
        the version is made          Current    True  Ready VersionReady
        the owner is edited          Current    True  Ready VersionReady
        the recipe is edited         InProgress False Reconciling Training
        the version is made          Current    True  Ready VersionReady
        the edit is taken back       Current    True  Ready VersionReady
        """)
    assert len(story.life.jobs()) == 3


def test_a_model_that_fails_in_every_way():
    more = TrainingJob(resources=limited("2Gi").resources)
    little = TrainingJob(resources=limited("64Mi").resources)
    story = (
        Story(*MODEL)
        .then("no such estimator", write(MODEL, model.spec("LogisticRegresion")))
        .then("corrected", write(MODEL, model.spec(job=little)))
        .then("the data arrive", lambda life: (write(DATASET, FLIGHTS)(life), life.settles()))
        .then("the snapshot is taken", works())
        .then("too little memory", killed_for_memory)
        .then("a day passes", passes(86400))
        .then("more memory", write(MODEL, model.spec(job=more)))
        .then("the store is away", fails("StoreUnavailable"))
        .then("the pause is over", passes(60))
        .then("the version is made", works())
    )
    assert str(story) == expected("""
        no such estimator            Failed     False Stalled InvalidSpec
        corrected                    InProgress False Reconciling DatasetNotFound
        the data arrive              InProgress False Reconciling DatasetNotReady
        the snapshot is taken        InProgress False Reconciling Training
        too little memory            Failed     False Stalled OutOfMemory
        a day passes                 Failed     False Stalled OutOfMemory
        more memory                  InProgress False Reconciling OutOfMemory
        the store is away            InProgress False Reconciling StoreUnavailable
        the pause is over            InProgress False Reconciling StoreUnavailable
        the version is made          Current    True  Ready VersionReady
        """)
    failures = story.life.get(*MODEL)["status"]["failures"]
    assert [each["reason"] for each in failures] == ["StoreUnavailable", "OutOfMemory"]


def with_limit(limit):
    return model.spec(limits=(model.at_least(limit),))


def test_a_model_whose_version_is_not_good_enough():
    story = (
        Story(*MODEL)
        .then(
            "created",
            lambda life: (write(DATASET, FLIGHTS)(life), write(MODEL, with_limit("0.8"))(life)),
        )
        .then("the snapshot is taken", works())
        .then("the version is made", works())
        .then("the limit is lowered", write(MODEL, with_limit("0.7")))
        .then("the limit is raised", write(MODEL, with_limit("0.9")))
    )
    assert str(story) == expected("""
        created                      InProgress False Reconciling DatasetNotReady
        the snapshot is taken        InProgress False Reconciling Training
        the version is made          Failed     False Stalled GateFailed
        the limit is lowered         Current    True  Ready VersionReady
        the limit is raised          Failed     False Stalled GateFailed
        """)
    assert len(story.life.jobs()) == 2


def test_a_version_is_judged_served_and_judged_again():
    story = Story("ModelVersion", "")
    for spec, what in ((FLIGHTS, DATASET), (with_limit("0.7"), MODEL)):
        story.life.apply(*what, spec)
    for _ in range(2):
        story.life.settles()
        story.life.works()
    story.life.settles()
    story.of = ("ModelVersion", story.life.get(*MODEL)["status"]["currentVersion"])
    name = story.of[1]
    story = (
        story.then("judged")
        .then("served", lambda life: life.serve("delay", name))
        .then("the limit is raised", write(MODEL, with_limit("0.9")))
        .then("its Model is gone", lambda life: life.store.remove(later(life.get(*MODEL))))
    )
    assert str(story) == expected("""
        judged                       Current    True  Ready GatesPassed
        served                       Current    True  Ready GatesPassed
        the limit is raised          Failed     False Stalled GateFailed
        its Model is gone            Failed     False Stalled GateFailed
        """)
    assert story.life.get(*story.of)["status"]["serving"] == ["delay"]


def later(manifest):
    metadata = {**manifest["metadata"], "resourceVersion": "1000000"}
    return {**manifest, "metadata": metadata}


def test_people_are_told_of_each_change_of_state_once():
    story = (
        Story(*DATASET)
        .then("created", write(DATASET, FLIGHTS))
        .then("the store is away", fails("StoreUnavailable"))
        .then("the pause is over", passes(30))
        .then("the store is away", fails("StoreUnavailable"))
        .then("the pause is over", passes(60))
        .then("the store is back", works())
        .then("an hour passes", passes(3600))
    )
    assert [(each.type, each.reason) for each in story.life.events] == [
        ("Warning", "StoreUnavailable"),
        ("Normal", "SnapshotTaken"),
    ]


def test_a_new_default_image_says_nothing_new():
    story = (
        Story(*MODEL)
        .then(
            "created",
            lambda life: (write(DATASET, FLIGHTS)(life), write(MODEL, model.spec())(life)),
        )
        .then("the snapshot is taken", works())
        .then("the version is made", works())
    )
    before = {key: story.life.store.get(key) for key in story.life.store.keys(("Dataset", "Model"))}
    images = CONFIGURATION.images.model_copy(update={"training": "job:2"})
    story.life.restart(CONFIGURATION.model_copy(update={"images": images}))
    story.life.settles()
    assert {key: story.life.store.get(key) for key in before} == before
