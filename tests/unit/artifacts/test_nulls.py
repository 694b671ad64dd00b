import numpy as np
import pytest

from perennial.artifacts.nulls import null_of_answer, null_of_inputs
from perennial.artifacts.profile import AnswerProfile, ByTime, Profile, WindowProfile

WINDOW = WindowProfile(
    blocks=2,
    rows=200,
    scale=((2.0, 1.5, 1.0),),
    degrees=((1.0, 1.0, 1.0),),
    dispersion=((0.005, 0.002, 0.0),),
    rare_dispersion=((0.0, 0.0),),
    statistics=tuple(np.linspace(0.001, 1, 400).tolist()),
)
ANSWER = AnswerProfile(
    edges=(0.5,),
    counts=(3000, 3000),
    sums=(0.0, 0.0),
    by_time=ByTime(seconds=3600, blocks=60, windows=(WINDOW,)),
)


def judged(*rows: float) -> float:
    null = null_of_answer(ANSWER, 2)
    assert null is not None
    half = np.array(rows)[None, None, None] / 2
    found = null.judged(np.array([[3000.0, 3000.0]]), np.concatenate([half, half], axis=2))
    return float(found.table[0])


def test_a_window_is_judged_by_the_null_of_its_length():
    assert judged(100, 100) > 0.5
    assert judged(190, 10) < 0.01
    assert judged(100, 100) > judged(130, 70) > judged(160, 40)


@pytest.mark.parametrize("length", [1, 3])
def test_lengths_that_the_training_did_not_see_have_no_null(length):
    assert null_of_answer(ANSWER, length) is None


def test_a_profile_without_blocks_has_no_null():
    profile = Profile(rows=1, repeated=0, numbers=(), categories=(), held_out=1)

    assert null_of_inputs(profile, 1) is None
