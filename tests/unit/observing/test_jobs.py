from datetime import timedelta

from builders import dataset
from builders.job import CONFIGURATION, NOON, ended, refused
from doubles.life import NAMESPACE, Life
from perennial.api.tasks import SnapshotReport
from perennial.cluster.cache import Key
from perennial.observing.jobs import Jobs, free_slots

DATASET = ("Dataset", "flights")


class EventLog:
    """Has the same Event for every Job, and notes which Jobs are looked up."""

    def __init__(self):
        self.about = []

    async def events(self, _namespace, uid):
        self.about.append(uid)
        return (refused("exceeded quota: small"),)


def begun():
    life = Life()
    life.apply(*DATASET, dataset.spec())
    life.settles()
    return life, life.jobs()[0]


async def read(life, after):
    cluster = EventLog()
    now = NOON + timedelta(seconds=after)
    jobs = Jobs(CONFIGURATION, life.store, cluster)
    return await jobs.refusals(life.get(*DATASET), now), cluster.about


async def test_events_are_asked_for_only_when_a_job_should_have_a_pod_by_now():
    life, job = begun()
    uid = job["metadata"]["uid"]
    assert await read(life, 4) == ({}, [])
    found, about = await read(life, 5)
    assert (list(found), about) == ([uid], [uid])


async def test_a_job_with_a_pod_and_one_that_is_over_are_not_asked_about():
    life, job = begun()
    life.pod(job["metadata"]["name"], "Running")
    assert await read(life, 60) == ({}, [])
    life, job = begun()
    life.over(job["metadata"]["name"], "Failed")
    assert await read(life, 60) == ({}, [])


def found(life, refused_events=None):
    jobs = Jobs(CONFIGURATION, life.store, EventLog())
    return jobs.attempts(life.get(*DATASET), refused_events or {}, SnapshotReport, life.now)


def test_every_job_of_the_owner_is_an_attempt_with_its_own_pods_and_events():
    life, job = begun()
    (attempt,) = found(life, {job["metadata"]["uid"]: (refused("exceeded quota: small"),)})
    assert attempt.blocker.reason == "QuotaExceeded"
    life.pod(job["metadata"]["name"], "Running", ended("prepare"))
    (attempt,) = found(life)
    assert (attempt.has_pod, attempt.blocker) == (True, None)


def test_a_job_that_we_did_not_make_is_no_attempt():
    life, job = begun()
    metadata = {**job["metadata"], "name": "theirs", "annotations": {}, "uid": "theirs"}
    life.store.put({**job, "metadata": {**metadata, "resourceVersion": "1000"}})
    assert len(life.jobs()) == 2
    assert len(found(life)) == 1


def test_every_job_of_the_namespace_that_is_not_over_takes_a_slot():
    life, job = begun()
    assert free_slots(life.store, NAMESPACE, 10) == 9
    assert free_slots(life.store, "elsewhere", 10) == 10
    life.over(job["metadata"]["name"], "Complete")
    assert free_slots(life.store, NAMESPACE, 10) == 10


def test_a_job_that_is_about_to_be_made_takes_its_slot_at_once():
    life, job = begun()
    expected = {**job, "metadata": {**job["metadata"], "name": "flights-snapshot-abc-2"}}
    del expected["metadata"]["uid"]
    life.store.reserve(expected)
    assert free_slots(life.store, NAMESPACE, 10) == 8
    assert life.store.get(Key("Job", NAMESPACE, "flights-snapshot-abc-2")) is not None
    assert len(found(life)) == 2


def test_a_job_whose_pods_are_still_being_ended_keeps_its_slot():
    life, job = begun()
    life.over(job["metadata"]["name"], "FailureTarget")
    assert free_slots(life.store, NAMESPACE, 10) == 9
