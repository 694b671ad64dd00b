import numpy as np
import pandas as pd
import pytest

from builders.counting import frame, schema_of
from perennial.api.column_type import ColumnType
from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Input
from perennial.artifacts.profile import AnswerProfile, Profile
from perennial.jobs.training.profile import category_profile, number_profile, profile_of


def numbers(*values: float) -> pd.Series:
    return pd.Series(values, dtype=np.float64)


def binary(positive: list[float], truth: list[bool], *, first: bool = False) -> AnswerProfile:
    """Return the profile of answers that say these probabilities of the positive class."""
    schema = schema_of("two").model_copy(update={"positive_class": not first})
    given = np.array(positive)
    pairs = np.stack([given, 1 - given] if first else [1 - given, given], axis=1)
    answers = Answers([bool(line[1] > line[0]) for line in pairs], pairs)
    rows = frame(schema, len(given), 1)
    profile = profile_of(schema, rows, rows, answers, np.array(truth))
    assert profile.prediction is not None
    return profile.prediction


def test_edges_are_quantiles_tails_and_both_ends():
    values = np.arange(1.0, 100_001.0)
    profile = number_profile("delay", pd.Series(values))
    assert profile.edges[0] == np.nextafter(1.0, -np.inf)
    assert profile.edges[-1] == 100_000.0
    assert {500.0, 2_000.0, 98_000.0, 99_500.0, 50_000.0, 6_250.0} <= set(profile.edges)
    assert len(profile.edges) == 2 + 15 + 4
    assert sum(profile.counts) == 100_000


def test_the_smallest_training_value_is_not_below_the_training_rows():
    profile = number_profile("delay", numbers(3, 5, 7))
    assert dict(zip(profile.bins, profile.counts, strict=True))["below"] == 0


def test_a_column_of_one_value_has_one_bin_within():
    profile = number_profile("delay", numbers(4, 4, np.nan))
    assert profile.bins == ("below", "1", "above", "missing")
    assert profile.counts == (0, 2, 0, 1)


def test_a_column_without_values_has_no_edges():
    profile = number_profile("delay", numbers(np.nan, np.nan))
    assert (profile.edges, profile.counts) == ((), (0, 2))


def test_the_most_frequent_values_are_kept_and_equals_are_ordered_by_text():
    values = [f"C{number:02}" for number in range(40)] + ["C07", "C39", "C39"]
    cells = pd.Series([*values, np.nan], dtype=object)
    one = Input(name="carrier", type=ColumnType.CATEGORY, nullable=True)
    profile = category_profile(one, cells)
    assert profile.kept[:4] == ("C39", "C07", "C00", "C01")
    assert len(profile.kept) == 32
    assert profile.counts[-3:] == (8, 0, 1)
    assert sum(profile.counts) == len(cells)


def test_the_threshold_is_an_edge_and_twenty_bins_are_the_most():
    random = np.random.default_rng(1)
    profile = binary(random.random(5000).tolist(), (random.random(5000) < 0.5).tolist())
    assert 0.5 in profile.edges
    assert len(profile.bins) == len(profile.counts) == len(profile.sums) == 20


@pytest.mark.parametrize(("position", "positives"), [(0, 4), (1, 1)])
def test_bins_above_the_threshold_are_the_rows_answered_as_positive(position, positives):
    """Of two equal probabilities the first class wins."""
    given = [0.1, 0.5, 0.5, 0.5, 0.9]
    profile = binary(given, [True] * 5, first=position == 0)
    threshold = next(edge for edge in profile.edges if 0.4999 < edge <= 0.5)
    assert sum(profile.counts[profile.edges.index(threshold) + 1 :]) == positives


def test_bins_hold_how_often_the_positive_class_was_true():
    profile = binary([0.05, 0.05, 0.95, 0.95], [False, True, True, True])
    assert sum(profile.counts) == 4
    assert (profile.sums[0], sum(profile.sums)) == (1.0, 3.0)


def regression(said: list[float], truth: list[float]) -> Profile:
    schema = schema_of("none")
    rows = frame(schema, len(said), 1)
    return profile_of(schema, rows, rows, Answers(said, None), np.array(truth))


def test_a_regression_has_bins_of_its_numbers_with_their_errors():
    said = np.arange(1000.0)
    profile = regression(said.tolist(), (said + 2).tolist()).prediction
    assert profile is not None
    assert len(profile.bins) == 20
    assert profile.absolute_errors is not None
    assert sum(profile.absolute_errors) == 2000
    assert profile.squared_errors is not None
    assert sum(profile.squared_errors) == 4000
    assert sum(profile.sums) == (said + 2).sum()


def test_regressions_of_one_snapshot_share_the_deciles_of_the_truth():
    random = np.random.default_rng(1)
    truth = random.normal(0, 30, 2000)
    said = (truth / 2 + random.normal(0, 5, 2000), np.full(2000, 4.0))
    edges = []
    for order, numbers in zip((np.arange(2000), random.permutation(2000)), said, strict=True):
        profile = regression(numbers[order].tolist(), truth[order].tolist()).prediction
        assert profile is not None
        assert sum(profile.counts) == 2000
        edges.append(set(profile.edges))
    deciles = set(np.sort(truth)[199:1999:200].tolist())
    assert len(deciles) == 9
    assert edges[0] & edges[1] == deciles


def test_numbers_without_measure_still_make_a_profile():
    assert number_profile("delay", numbers(1e308, 1.7e308, -1e308)).spread > 0
    profile = regression([0.0, 1.0], [1e200, -1e300])
    assert Profile.model_validate_json(profile.model_dump_json()) == profile


def test_three_classes_are_profiled_by_confidence():
    schema = schema_of("three")
    given = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    rows = frame(schema, 2, 1)
    targets = np.array(["early", "late"], object)
    profile = profile_of(schema, rows, rows, Answers(["early", "fine"], given), targets)
    assert profile.prediction is None
    assert profile.score is profile.confidence
    assert profile.confidence is not None
    assert sum(profile.confidence.sums) == 1
    assert profile.classes == (1, 1, 0)


def test_repeated_rows_of_the_training_are_counted():
    schema = schema_of("none")
    rows = frame(schema, 100, 1)
    profile = profile_of(
        schema, pd.concat([rows, rows.iloc[:7]]), rows, Answers([0.0] * 100, None), np.zeros(100)
    )
    assert profile.repeated - int(rows.duplicated().sum()) == 7


def test_equal_rows_give_equal_bytes():
    first, second = (regression([1.0, 2.0], [1.0, 2.0]).model_dump_json() for _ in range(2))
    assert first == second
    assert Profile.model_validate_json(first).model_dump_json() == first
