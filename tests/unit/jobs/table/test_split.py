import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.training import task
from perennial.jobs.report import JobFailure
from perennial.jobs.table.split import method_of, newest_rows, random_groups, random_rows

UNHURRIED = settings(deadline=None)
SHARES = st.floats(0.01, 0.9)
MOMENTS = st.lists(st.integers(0, 30), min_size=2, max_size=60).map(
    lambda days: np.array(days, dtype="datetime64[D]")
)
GROUPS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=80)


@UNHURRIED
@given(MOMENTS, SHARES)
def test_every_held_out_row_is_newer_than_every_other(moments, share):
    held_out = newest_rows(moments, share)
    if 0 < held_out.sum() < len(moments):
        assert moments[held_out].min() > moments[~held_out].max()


@UNHURRIED
@given(MOMENTS, SHARES)
def test_a_split_by_time_leaves_both_parts_some_rows_wherever_there_are_two_moments(moments, share):
    held_out = newest_rows(moments, share)
    assert (0 < held_out.sum() < len(moments)) == (len(set(moments.tolist())) > 1)


@UNHURRIED
@given(MOMENTS, SHARES)
def test_no_other_boundary_in_time_is_nearer_to_the_share(moments, share):
    if len(set(moments.tolist())) == 1:
        return
    wanted = min(max(round(len(moments) * share), 1), len(moments) - 1)
    counts = [int((moments >= moment).sum()) for moment in set(moments.tolist())]
    nearest = min(abs(count - wanted) for count in counts if count < len(moments))
    assert abs(newest_rows(moments, share).sum() - wanted) == nearest


def test_rows_of_different_moments_are_split_exactly():
    moments = np.arange(10).astype("datetime64[h]")[::-1]
    assert newest_rows(moments, 0.3).tolist() == [True] * 3 + [False] * 7


@UNHURRIED
@given(st.integers(2, 500), SHARES, st.integers(0, 2**31 - 1))
def test_a_lot_holds_out_exactly_the_share(rows, share, seed):
    held_out = random_rows(rows, share, seed)
    assert held_out.sum() == min(max(round(rows * share), 1), rows - 1)


@UNHURRIED
@given(st.integers(2, 500), SHARES, st.integers(0, 2**31 - 1))
def test_a_lot_falls_the_same_way_twice(rows, share, seed):
    assert (random_rows(rows, share, seed) == random_rows(rows, share, seed)).all()


def test_another_seed_draws_another_lot():
    assert (random_rows(100, 0.3, seed=1) != random_rows(100, 0.3, seed=2)).any()


@UNHURRIED
@given(GROUPS, SHARES, st.integers(0, 100))
def test_a_group_is_never_split(groups, share, seed):
    held_out = random_groups(groups, share, seed)
    held = {group for group, out in zip(groups, held_out, strict=True) if out}
    stayed = {group for group, out in zip(groups, held_out, strict=True) if not out}
    assert not held & stayed
    assert stayed


@UNHURRIED
@given(GROUPS, SHARES, st.integers(0, 100))
def test_groups_are_held_out_until_the_share_is_reached(groups, share, seed):
    held_out = random_groups(groups, share, seed)
    wanted = min(max(round(len(groups) * share), 1), len(groups) - 1)
    stayed = {group for group, out in zip(groups, held_out, strict=True) if not out}
    assert held_out.sum() >= wanted or len(stayed) == 1


@UNHURRIED
@given(GROUPS, SHARES, st.integers(0, 100), st.randoms())
def test_which_groups_are_held_out_does_not_depend_on_the_order_of_the_rows(
    groups, share, seed, random
):
    shuffled = random.sample(groups, len(groups))

    def held(rows):
        mask = random_groups(rows, share, seed)
        return {group for group, out in zip(rows, mask, strict=True) if out}

    assert held(groups) == held(shuffled)


def test_the_newest_rows_are_held_out_where_rows_have_a_time():
    assert method_of(task()) == "Time"
    assert method_of(task(time=False)) == "Random"
    assert method_of(task(split={"method": "Random"})) == "Random"


def test_a_split_by_time_needs_a_time():
    with pytest.raises(JobFailure, match="needs a timeColumn in the Dataset") as failure:
        method_of(task(time=False, split={"method": "Time"}))
    assert failure.value.in_spec
