"""Whatever happens in whatever order: laws that hold for Datasets, Models and ModelVersions."""

from collections import Counter
from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders import dataset, job, model
from doubles.life import KINDS, Life
from harness.kstatus import kstatus
from perennial.api.configuration import Limits
from perennial.api.model import TrainingJob
from perennial.planning.plan import Delete

ONE_AT_A_TIME = Limits(jobs_per_namespace=1)


class World:
    """A namespace in which people, the cluster and crashes do what they like."""

    def __init__(self):
        self.life = Life(job.CONFIGURATION.model_copy(update={"limits": ONE_AT_A_TIME}))
        self.awake = True
        self.edits_dataset()
        self.edits_model()

    # People

    def edits_dataset(self, _place=0, path="flights/", every=None, memory="1Gi"):
        run = job.limited(memory)
        spec = dataset.spec(path, every, time_column="time_hour", job=run, keep=1)
        self.life.apply("Dataset", "flights", spec)

    def edits_model(self, _place=0, estimator=None, limit="0.5", memory="1Gi"):
        run = TrainingJob(resources=job.limited(memory).resources)
        spec = model.spec(estimator, run, limits=(model.at_least(limit),), keep=1)
        self.life.apply("Model", "delay", spec)

    def serves(self, place):
        versions = self.life.store.of_kind("ModelVersion", "delays")
        if versions:
            self.life.serve("delay", versions[place % len(versions)]["metadata"]["name"])

    def deletes(self, place, kind):
        found = [each["metadata"]["name"] for each in self.life.store.of_kind(kind, "delays")]
        names = [name for name in sorted(found) if name not in self.served()]
        if names:
            self.life.delete(kind, names[place % len(names)])

    # The cluster

    def passes(self, _place, seconds):
        self.life.passes(seconds)

    def notices(self, _place):
        self.life.notices()

    def with_job(self, place, happens):
        names = sorted(each["metadata"]["name"] for each in self.life.jobs(unfinished=True))
        if names:
            happens(self.life, names[place % len(names)])

    # The operator

    def restarts(self, _place):
        self.life.restart(self.life.configuration)

    def sleeps(self, _place):
        self.awake = not self.awake

    def crashes(self, place, after):
        keys = self.life.store.keys(KINDS)
        self.looks(keys[place % len(keys)], after)

    def works(self):
        for key in self.life.store.keys(KINDS):
            self.looks(key)

    def looks(self, key, crash_after=None):
        """Let the operator look; whatever it does, nobody loses a version that is served."""
        plan = self.life.look(key.kind, key.name, crash_after)
        gone = (
            {action.name for action in plan.actions if isinstance(action, Delete)} if plan else {}
        )
        assert not self.served().intersection(gone)
        return plan

    def served(self):
        found = self.life.store.of_kind("ModelDeployment", "delays")
        return {each["status"]["stable"]["version"] for each in found}


def succeeds(life, name, digit="a"):
    report = dataset.report(digit) if "-snapshot-" in name else model.report()
    life.succeeds(name, report)


def breaks(life, name, reason, *, in_spec=False):
    life.breaks(name, reason, in_spec=in_spec)


def waits(life, name, reason):
    life.pod(name, "Pending", job.waiting("prepare", reason, "a secret"))


def finds_no_room(life, name):
    found = next(each for each in life.jobs() if each["metadata"]["name"] == name)
    life.refused = {found["metadata"]["uid"]: (job.refused("exceeded quota: small"),)}


def loses_its_pod(life, name):
    life.delete("Pod", f"{name}-x7k2p")
    life.over(name, "Failed")


def to_a_job(happens, **facts):
    return partial(World.with_job, happens=partial(happens, **facts))


HAPPENINGS = [
    *[partial(World.passes, seconds=seconds) for seconds in (1, 40, 40, 40, 3600)],
    *[to_a_job(succeeds, digit=digit) for digit in "aabb"],
    *[to_a_job(breaks, reason="StoreUnavailable")] * 3,
    to_a_job(breaks, reason="OutOfMemory", in_spec=True),
    *[World.notices] * 2,
    to_a_job(waits, reason="ErrImagePull"),
    to_a_job(waits, reason="PodInitializing"),
    to_a_job(finds_no_room),
    to_a_job(loses_its_pod),
    World.edits_dataset,
    partial(World.edits_dataset, every="1h"),
    partial(World.edits_dataset, path="elsewhere/"),
    partial(World.edits_dataset, memory="2Gi"),
    World.edits_model,
    partial(World.edits_model, estimator="LogisticRegression"),
    partial(World.edits_model, estimator="NoSuchEstimator"),
    partial(World.edits_model, limit="0.99"),
    partial(World.edits_model, memory="2Gi"),
    World.serves,
    partial(World.deletes, kind="Job"),
    partial(World.deletes, kind="ModelVersion"),
    World.restarts,
    World.sleeps,
    *[partial(World.crashes, after=after) for after in (0, 1, 2)],
]
HISTORIES = st.lists(
    st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 3)), min_size=20, max_size=60
)


def laws_hold(life):
    unfinished = life.jobs(unfinished=True)
    works = Counter(each["metadata"]["name"].rpartition("-")[0] for each in unfinished)
    assert max(works.values(), default=0) <= 1, "two Jobs of one digest"
    assert len(unfinished) <= life.configuration.limits.jobs_per_namespace
    numbers = [each["spec"]["number"] for each in life.store.of_kind("ModelVersion", "delays")]
    assert len(set(numbers)) == len(numbers), "two versions of one number"
    for key in life.store.keys(KINDS):
        stated = life.store.get(key)["status"].get("conditions", ())
        true = {each["type"] for each in stated if each["status"] == "True"}
        assert not {"Reconciling", "Stalled"} <= true
        assert not stated or "Ready" in {each["type"] for each in stated}


def all_is_well_in_the_end(world):
    """Once nothing is in the way everything is done, and looking again changes nothing."""
    life = world.life
    life.refused = {}
    world.edits_dataset(memory="4Gi")
    world.edits_model(memory="4Gi")
    for _ in range(4):
        life.notices()
        life.settles()
        life.passes(3600)
        life.works()
    life.settles()
    for key in life.store.keys(("Dataset", "Model")):
        assert kstatus(life.store.get(key)) == "Current", life.store.get(key)
        assert world.looks(key).actions == ()


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(HISTORIES)
def test_laws_hold_whatever_happens_and_all_is_well_in_the_end(history):
    world = World()
    for happens, place in history:
        happens(world, place)
        if world.awake:
            world.works()
        laws_hold(world.life)
    all_is_well_in_the_end(world)
