import numpy as np
import pandas as pd
import pytest

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.artifacts.profile import Profile
from perennial.jobs.table.rows import Rows
from perennial.jobs.training.profile import profile_of
from perennial.jobs.training.reference import Reference, reference_of

DAYS, A_DAY = 40, 520
SCHEMA = ModelSchema(
    problem=Problem.CLASSIFICATION,
    target="late",
    classes=(False, True),
    positive_class=True,
    inputs=(
        Input(name="delay", type=ColumnType.NUMBER, nullable=True),
        Input(name="carrier", type=ColumnType.CATEGORY, nullable=True),
    ),
    time_column="at",
)


def rows(seed: int, *, timed: bool = True) -> Rows:
    """Return days of which each has its own level; on the fourth a carrier of its own."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(DAYS), A_DAY)
    delay = random.normal(random.normal(0, 0.3, DAYS)[day], 1)
    delay[random.random(len(day)) < 0.1] = np.nan
    carrier = random.choice(["AA", "B6", "UA"], len(day)).astype(object)
    carrier[(day == 3) & (random.random(len(day)) < 0.5)] = "ZZ"
    frame = pd.DataFrame({"delay": delay, "carrier": pd.Series(carrier, dtype="str")})
    times = day * 86_400.0 + random.random(len(day)) * 86_000
    return Rows(frame, np.nan_to_num(delay) > 0.5, None, times if timed else None)


def reference(*, timed: bool = True, seed: int = 1) -> Reference:
    training, held_out = rows(seed, timed=timed), rows(seed + 1, timed=timed)
    late = 1 / (1 + np.exp(-np.nan_to_num(held_out.frame["delay"].to_numpy()) * 3))
    answers = Answers([bool(one) for one in late > 0.5], np.stack([1 - late, late], axis=1))
    profile = profile_of(SCHEMA, training.frame, held_out.frame, answers, held_out.target)
    return reference_of(profile, SCHEMA, training, held_out, answers)


@pytest.fixture(scope="module")
def timed() -> Reference:
    return reference()


def test_windows_of_days_are_described(timed):
    by_time = timed.profile.by_time

    assert (by_time.seconds, by_time.blocks) == (86_400, DAYS)
    assert [window.blocks for window in by_time.windows] == [1, 2, 3]
    assert [len(window.scale) for window in by_time.windows] == [2, 2, 2]
    assert by_time.windows[0].rows == A_DAY


def test_days_with_levels_of_their_own_widen_the_null_of_their_input_alone(timed):
    delay, _ = timed.profile.by_time.windows[0].scale

    assert min(delay[:2]) > 1.5


def test_predictions_and_confidence_have_blocks_of_their_own(timed):
    profile = timed.profile

    assert profile.prediction.by_time.seconds < 86_400
    assert profile.confidence.by_time.windows
    assert profile.prediction.dispersion >= 1


def test_the_largest_shares_are_those_of_one_day(timed):
    carrier, delay = timed.profile.categories[0].largest, timed.profile.numbers[0].largest

    assert carrier.new == pytest.approx(0.5, abs=0.08)
    assert delay.missing == pytest.approx(0.1, abs=0.06)
    assert delay.top < 0.3


def test_the_counts_of_all_blocks_are_those_of_the_profile(timed, tmp_path):
    timed.write(tmp_path)

    with np.load(tmp_path / "blocks.npz") as arrays:
        assert arrays["inputs_counts"].shape[:2] == (2, DAYS)
        assert (arrays["inputs_starts"] == np.arange(DAYS) * 86_400).all()
        delay = arrays["inputs_counts"][0].sum(axis=0)
    assert delay[: len(timed.profile.numbers[0].counts)].tolist() == list(
        timed.profile.numbers[0].counts
    )


def test_equal_rows_give_equal_bytes(timed, tmp_path):
    again = reference()
    for name, one in (("one", timed), ("other", again)):
        (tmp_path / name).mkdir()
        one.write(tmp_path / name)

    assert again.profile == timed.profile
    files = [(tmp_path / name / "blocks.npz").read_bytes() for name in ("one", "other")]
    assert files[0] == files[1]


def test_without_times_nothing_is_added(tmp_path):
    untimed = reference(timed=False)
    untimed.write(tmp_path)

    assert untimed.profile.by_time is None
    assert untimed.profile.numbers[0].largest is None
    assert untimed.profile.prediction.by_time is None
    assert list(tmp_path.iterdir()) == []


def test_the_profile_survives_its_file(timed):
    text = timed.profile.model_dump_json(by_alias=True, exclude_none=True)

    assert Profile.model_validate_json(text) == timed.profile
    assert len(text) < 60_000
