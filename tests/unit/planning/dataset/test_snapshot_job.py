from builders import dataset
from builders.job import STORE
from perennial.api.dataset import Column, Quality
from perennial.api.pod import JobRun, Owner
from perennial.api.tasks import SnapshotTask
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.dataset.snapshot_job import snapshot_template


def job_template(of, previous=None):
    return snapshot_template("flights", "delays", of, contract_digest(of), previous, STORE)


def test_the_job_is_told_the_contract_and_nothing_else_of_the_spec():
    of = dataset.spec(
        every="24h",
        keep=3,
        description="departures",
        owner=Owner(team="ops"),
        columns=(Column(name="late", type="Boolean"),),
        quality=Quality(min_rows=10),
        job=JobRun(deadline="5m"),
    )
    task = SnapshotTask.model_validate_json(
        job_template(of, "perennial/delays/snapshots/a/").task_json
    )
    assert task.dataset == "flights"
    assert task.namespace == "delays"
    assert task.previous == "perennial/delays/snapshots/a/"
    assert contract_digest(task.contract) == contract_digest(of)
    assert task.contract.model_fields_set == {"source", "columns", "quality"}


def test_a_volume_is_mounted_and_its_snapshot_goes_to_the_store():
    of = job_template(dataset.on_a_volume("exports"))
    assert (of.claim, of.writes) == ("exports", STORE)
    assert job_template(dataset.spec()).claim is None
