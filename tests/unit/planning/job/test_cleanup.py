from dataclasses import dataclass
from datetime import datetime, timedelta

from builders.job import CONFIGURATION, NOON, attempt, failed
from perennial.api.configuration import Configuration
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.plan import Delete


@dataclass(frozen=True)
class Later:
    now: datetime
    namespace: str = "delays"
    configuration: Configuration = CONFIGURATION
    free_slots: int = 1


def deleted(attempts, wanted, minutes=0):
    deletions, requeue_after = finished_jobs(
        attempts, wanted, Later(NOON + timedelta(minutes=minutes))
    )
    return [deletion.name[-1] for deletion in deletions], requeue_after


def done(number, minutes=0):
    return attempt(number, ended=NOON + timedelta(minutes=minutes), over=True)


def test_a_job_that_was_recorded_stays_for_a_while():
    assert deleted([done(1)], [], minutes=20) == ([], timedelta(minutes=40))
    assert deleted([done(1)], [], minutes=60) == (["1"], None)


def test_the_first_to_go_says_when_to_requeue():
    assert deleted([done(1, 30), done(2, 10)], [], minutes=20)[1] == timedelta(minutes=50)


def test_the_newest_failed_attempt_is_kept_as_evidence_however_old_it_is():
    evidence = [failed(1)]
    assert deleted(evidence, evidence, minutes=10**5) == ([], None)


def test_it_is_kept_while_the_next_attempt_is_at_work():
    attempts = [failed(1), attempt(2)]
    assert deleted(attempts, attempts) == ([], None)


def test_it_goes_when_the_next_attempt_has_failed_too():
    attempts = [failed(1), failed(2)]
    assert deleted(attempts, attempts) == (["1"], None)


def test_a_job_at_something_that_is_no_longer_wanted_is_stopped():
    assert deleted([attempt(1), attempt(2)], [attempt(2)]) == (["1"], None)


def test_nothing_goes_while_it_cannot_be_told_what_is_wanted():
    assert deleted([attempt(1), done(2)], None, minutes=10**5) == ([], None)


def test_a_job_goes_by_its_uid_and_one_that_has_none_yet_not_at_all():
    deletions, _ = finished_jobs([attempt(1)], [], Later(NOON))
    assert deletions == (Delete("Job", "flights-snapshot-abc-1", "job-1"),)
