"""Whatever happens in whatever order: laws that hold for Datasets, Models and ModelVersions."""

from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from builders import dataset, job, model
from builders.life import KINDS, Life
from harness.kstatus import kstatus
from perennial.api.model import TrainingJob
from perennial.planning.job_outcome import is_over
from perennial.planning.plan import Delete

PATHS = st.sampled_from(["flights/", "elsewhere/"])
EVERY = st.sampled_from([None, "1h"])
ESTIMATORS = st.sampled_from([None, "LogisticRegression", "NoSuchEstimator"])
LIMITS = st.sampled_from(["0.5", "0.99"])
MEMORY = st.sampled_from(["1Gi", "2Gi"])
DIGITS = st.sampled_from("ab")
MOMENTS = st.sampled_from([1, 10, 40, 3600])
REASONS = st.sampled_from(["StoreUnavailable", "FitFailed"])
WAITS = st.sampled_from(["ErrImagePull", "CreateContainerConfigError", "PodInitializing"])
STOPS = st.sampled_from([None, None, None, 0, 1, 2])
PLACES = st.integers(0, 7)


class Anything(RuleBasedStateMachine):
    """A namespace in which people, the cluster and crashes do what they like."""

    def __init__(self):
        super().__init__()
        self.life = Life()
        self.edits_dataset("flights/", None, "1Gi")
        self.edits_model(None, "0.5", "1Gi")

    @rule(path=PATHS, every=EVERY, memory=MEMORY)
    def edits_dataset(self, path, every, memory):
        spec = dataset.spec(path, every, time_column="time_hour", job=job.limited(memory), keep=1)
        self.life.apply("Dataset", "flights", spec)

    @rule(estimator=ESTIMATORS, limit=LIMITS, memory=MEMORY)
    def edits_model(self, estimator, limit, memory):
        run = TrainingJob(resources=job.limited(memory).resources)
        spec = model.spec(estimator, run, limits=(model.at_least(limit),), keep=1)
        self.life.apply("Model", "delay", spec)

    @rule(seconds=MOMENTS)
    def time_passes(self, seconds):
        self.life.passes(seconds)

    @rule(stop=STOPS, place=PLACES)
    def the_operator_looks_and_may_crash(self, stop, place):
        keys = self.life.store.keys(KINDS)
        key = keys[place % len(keys)]
        self.looks(key, stop)

    @rule()
    def the_operator_restarts(self):
        self.life.restart(self.life.configuration)

    def one_job(self, place):
        found = sorted(each["metadata"]["name"] for each in self.life.jobs(unfinished=True))
        return found[place % len(found)] if found else None

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES, digit=DIGITS)
    def a_job_succeeds(self, place, digit):
        name = self.one_job(place)
        is_snapshot = "-snapshot-" in name
        self.life.succeeds(name, dataset.report(digit) if is_snapshot else model.report())

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES, reason=REASONS, in_spec=st.booleans())
    def a_job_fails(self, place, reason, in_spec):
        self.life.fails(self.one_job(place), reason, in_spec=in_spec)

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES, reason=REASONS, in_spec=st.booleans())
    def a_pod_fails_and_the_job_does_not_know_yet(self, place, reason, in_spec):
        self.life.breaks(self.one_job(place), reason, in_spec=in_spec)

    @rule()
    def the_job_controller_catches_up(self):
        self.life.notices()

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES, reason=WAITS)
    def a_pod_waits(self, place, reason):
        self.life.pod(self.one_job(place), "Pending", job.waiting("prepare", reason, "a secret"))

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES)
    def a_job_finds_no_room(self, place):
        key = next(
            each for each in self.life.jobs() if each["metadata"]["name"] == self.one_job(place)
        )
        self.life.refused = {key["metadata"]["uid"]: (job.refused("exceeded quota: small"),)}

    @precondition(lambda self: self.life.jobs(unfinished=True))
    @rule(place=PLACES)
    def a_job_ends_and_its_pod_is_gone(self, place):
        name = self.one_job(place)
        self.life.delete("Pod", f"{name}-x7k2p")
        self.life.over(name, "Failed")

    @rule(place=PLACES)
    def somebody_deletes_a_job_or_a_version(self, place):
        found = [
            key for key in self.life.store.keys(("Job", "ModelVersion")) if not self.is_served(key)
        ]
        if found:
            key = sorted(found)[place % len(found)]
            self.life.delete(key.kind, key.name)

    @precondition(lambda self: self.life.store.of_kind("ModelVersion", "delays"))
    @rule()
    def the_newest_version_is_served(self):
        versions = self.life.store.of_kind("ModelVersion", "delays")
        newest = max(versions, key=lambda each: each["spec"]["number"])
        self.life.serve("delay", newest["metadata"]["name"])

    def is_served(self, key):
        found = self.life.store.of_kind("ModelDeployment", "delays")
        return any(each["status"]["stable"]["version"] == key.name for each in found)

    def looks(self, key, stop=None):
        """Look; whatever is done, nobody loses a version that is served."""
        plan = self.life.look(key.kind, key.name, stop)
        for action in plan.actions[:stop]:
            if isinstance(action, Delete):
                assert not self.is_served(key._replace(kind=action.kind, name=action.name))
        return plan

    @invariant()
    def never_are_two_jobs_of_one_digest_unfinished(self):
        going = self.life.jobs(unfinished=True)
        works = Counter(each["metadata"]["name"].rpartition("-")[0] for each in going)
        assert max(works.values(), default=0) <= 1, works

    @invariant()
    def the_namespace_never_runs_more_jobs_than_it_may(self):
        going = [each for each in self.life.jobs() if not is_over(each)]
        assert len(going) <= self.life.configuration.limits.jobs_per_namespace

    @invariant()
    def nothing_is_both_reconciling_and_stalled(self):
        for key in self.life.store.keys(KINDS):
            stated = self.life.store.get(key)["status"].get("conditions", ())
            true = {each["type"] for each in stated if each["status"] == "True"}
            assert not {"Reconciling", "Stalled"} <= true
            assert "Ready" in {each["type"] for each in stated} or not stated

    @invariant()
    def versions_are_numbered_apart(self):
        versions = self.life.store.of_kind("ModelVersion", "delays")
        numbers = [each["spec"]["number"] for each in versions]
        assert len(set(numbers)) == len(numbers)

    def teardown(self):
        """Once nothing is in the way, everything is done, and looking again changes nothing."""
        self.life.refused = {}
        self.edits_dataset("flights/", None, "4Gi")
        self.edits_model(None, "0.5", "4Gi")
        for _ in range(8):
            self.life.notices()
            self.life.settles()
            self.life.passes(3600)
            self.life.works()
        self.life.settles()
        for key in self.life.store.keys(("Dataset", "Model")):
            assert kstatus(self.life.store.get(key)) == "Current", self.life.store.get(key)
            assert self.looks(key).actions == ()


Anything.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
test_laws_hold_whatever_happens = Anything.TestCase
