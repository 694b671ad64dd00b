from builders import dataset
from builders.job import STORE
from builders.model import data, request, spec
from perennial.api.configuration import Store
from perennial.api.dataset import Column
from perennial.api.model import Split, TrainingJob
from perennial.api.tasks import ColumnLimits, TrainingTask
from perennial.planning.model.inputs import TrainingRequest
from perennial.planning.model.training_job import training_template

ARCHIVE = Store(bucket="archive")
LEARNED = data(
    dataset.spec(
        time_column="time_hour",
        columns=(
            Column(name="origin", type="Category", role="Group"),
            Column(name="distance", type="Number", minimum="0", maximum="9000"),
            Column(name="carrier", type="Category", allowed_values=("AA", "UA")),
            Column(name="hour", type="Integer"),
        ),
    )
)


def job_template(of=None):
    given = of or spec("LogisticRegression", split=Split(holdout="0.3", seed=7))
    begun = request(given, LEARNED)
    return training_template("delay", "delays", given, LEARNED, begun, (STORE, ARCHIVE))


def task(of=None):
    return TrainingTask.model_validate_json(job_template(of).task_json)


def test_the_job_is_told_all_that_it_needs_to_learn():
    given = task()
    assert (given.model, given.namespace, given.target) == ("delay", "delays", "late")
    assert given.recipe.estimator == "LogisticRegression"
    assert given.snapshot.digest == LEARNED.snapshot.digest
    assert given.snapshot.path == LEARNED.snapshot.path
    assert given.snapshot.time_column == "time_hour"
    assert given.snapshot.roles == {"origin": "Group"}


def test_the_job_is_told_what_the_contract_allows_where_it_says_so():
    assert task().snapshot.limits == (
        ColumnLimits(name="distance", minimum="0", maximum="9000"),
        ColumnLimits(name="carrier", allowed_values=("AA", "UA")),
    )


def test_the_split_is_told_with_its_method():
    assert (task().split.method, task().split.holdout, task().split.seed) == ("Time", "0.3", 7)


def test_it_learns_from_the_datas_store_and_writes_to_the_artifacts():
    assert (job_template().reads, job_template().writes) == (STORE, ARCHIVE)


def test_how_it_runs_is_the_users_and_takes_two_hours_at_most_by_default():
    assert job_template().run.deadline == "2h"
    assert job_template(spec(job=TrainingJob(deadline="5m"))).run.deadline == "5m"


def test_what_it_was_begun_with_is_noted():
    given = spec("LogisticRegression", split=Split(holdout="0.3", seed=7))
    assert TrainingRequest.model_validate_json(job_template().request) == request(given, LEARNED)
