"""When a snapshot is due."""

from dataclasses import replace
from datetime import timedelta

from builders.dataset import observed, snapshot, spec
from builders.job import NOON
from perennial.api.dataset import Refresh
from perennial.planning.dataset.due import due_or_fresh


def test_a_model_that_waits_for_newer_rows_makes_a_snapshot_due():
    of = spec()
    newest = snapshot(of)
    waited_for = replace(observed(of, newest), wanted_since=newest.taken_at + timedelta(minutes=1))
    assert due_or_fresh(waited_for).reason == "RetrainingDue"
    served = replace(observed(of, newest), wanted_since=newest.taken_at)
    assert due_or_fresh(served) == newest


def test_a_refresh_of_the_same_moment_is_the_same_occasion():
    of = spec(refresh=Refresh(every="1h"))
    newest = snapshot(of).model_copy(update={"taken_at": NOON - timedelta(hours=2)})
    both = replace(observed(of, newest), wanted_since=newest.taken_at + timedelta(minutes=1))
    alone = observed(of, newest)
    assert due_or_fresh(both).trigger == due_or_fresh(alone).trigger
