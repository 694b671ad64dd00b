import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from builders.encodings import (
    NUMBERS,
    TEXTS,
    assert_equal,
    assert_equal_or_refused,
    complete,
    encoder_of,
    fitted,
    hard,
    learned,
)
from perennial.jobs.compile import NotCompilableError

NUMERIC = learned()[list(NUMBERS)]
TEXTUAL = learned()[list(TEXTS)]
ROUNDED = learned()[["visits", "member"]]
EACH = pytest.mark.parametrize("names", [TEXTS, ("visits", "member"), tuple(learned().columns)])
RARE = [{}, {"min_frequency": 20}, {"min_frequency": 0.07}, {"max_categories": 3}]


@EACH
@pytest.mark.parametrize("unknown", ["ignore", "infrequent_if_exist"])
@pytest.mark.parametrize("rare", RARE, ids=repr)
@pytest.mark.parametrize("drop", [None, "first", "if_binary"])
def test_each_category_has_a_column(names, unknown, rare, drop):
    frame = learned()[list(names)]
    encoder = OneHotEncoder(handle_unknown=unknown, drop=drop, **rare)
    assert_equal(fitted(encoder, frame), frame)


def test_a_warning_changes_no_number():
    encoder = OneHotEncoder(handle_unknown="warn", max_categories=3)
    assert_equal(fitted(encoder, TEXTUAL), TEXTUAL)


def test_a_named_category_is_dropped():
    encoder = OneHotEncoder(handle_unknown="ignore", drop=["Bonn", "b"])
    assert_equal(fitted(encoder, TEXTUAL), TEXTUAL)


@EACH
@pytest.mark.parametrize("rare", RARE, ids=repr)
def test_an_unknown_category_is_refused_where_scikit_learn_raises(names, rare):
    frame = complete()[list(names)]
    encoder = fitted(OneHotEncoder(**rare), frame)
    assert assert_equal_or_refused(encoder, frame) > 0
    assert_equal(encoder, frame, frame)


def test_stated_categories_are_known_though_no_row_holds_them():
    stated = [[*sorted({"Nowhere", *TEXTUAL["city"].dropna()}), np.nan], ["c", "b", np.nan]]
    encoder = OneHotEncoder(categories=stated, handle_unknown="ignore")
    assert_equal(fitted(encoder, TEXTUAL), TEXTUAL)
    ordinal = OrdinalEncoder(
        categories=stated, handle_unknown="use_encoded_value", unknown_value=-1
    )
    made = assert_equal(fitted(ordinal, TEXTUAL), TEXTUAL)
    assert (made[:, 1] == 0).any()


def test_stated_numbers_are_known():
    encoder = OneHotEncoder(categories=[[0.0, 2.0, 1e9], [0.0, 1.0]], handle_unknown="ignore")
    assert_equal(fitted(encoder, ROUNDED), ROUNDED)


@EACH
@pytest.mark.parametrize("rare", RARE, ids=repr)
@pytest.mark.parametrize(("unknown", "missing"), [(-1, -2), (np.nan, np.nan), (-1, np.nan)])
def test_each_category_has_a_number(names, rare, unknown, missing):
    frame = learned()[list(names)]
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=unknown,
        encoded_missing_value=missing,
        **rare,
    )
    assert_equal(fitted(encoder, frame), frame)


@EACH
def test_an_unknown_category_without_a_number_is_refused(names):
    frame = complete()[list(names)]
    assert assert_equal_or_refused(fitted(OrdinalEncoder(), frame), frame) > 0


@EACH
@pytest.mark.parametrize("kind", ["continuous", "binary", "multiclass"])
@pytest.mark.parametrize("smooth", ["auto", 10.0])
def test_each_category_is_its_mean_target(names, kind, smooth):
    frame = learned()[list(names)]
    encoder = TargetEncoder(target_type=kind, smooth=smooth, cv=3, random_state=0)
    assert_equal(fitted(encoder, frame, kind), frame)


def test_means_of_targets_are_scaled():
    steps = make_pipeline(TargetEncoder(random_state=0), StandardScaler())
    assert_equal(fitted(steps, TEXTUAL), TEXTUAL)


def test_whole_numbers_are_as_good_as_floats():
    steps = make_pipeline(
        OneHotEncoder(dtype=np.int8, handle_unknown="ignore"), StandardScaler(with_mean=False)
    )
    assert_equal(fitted(steps, TEXTUAL), TEXTUAL)


def test_single_precision_is_named():
    encoder = fitted(OneHotEncoder(dtype=np.float32), TEXTUAL)
    with pytest.raises(NotCompilableError, match="OneHotEncoder with dtype=float32"):
        encoder_of(encoder, TEXTUAL)


def test_a_column_of_very_many_categories_costs_the_others_nothing():
    random = np.random.default_rng(0)
    names = [f"{number:05}" for number in range(25_000)]
    few = {f"few {place}": random.choice(names[:250], len(names)) for place in range(3)}
    frame = pd.DataFrame({"many": names, **few}).astype(object)
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=256)
    made = assert_equal(fitted(encoder, frame), frame, frame.iloc[::25])
    assert made.shape == (1_000, 256 + 3 * 250)


def test_a_column_of_one_category_may_be_dropped_whole():
    frame = pd.DataFrame({"one": ["a"] * 99, "other": ["b"] * 99}).astype(object)
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore")
    assert assert_equal(fitted(encoder, frame), frame, frame).shape == (99, 0)


def test_too_many_categories_are_named():
    frame = hard(3200)[["amount"]].assign(amount=np.arange(3200.0))
    encoder = OneHotEncoder().fit(frame)
    with pytest.raises(NotCompilableError, match="OneHotEncoder tells too many categories apart"):
        encoder_of(encoder, frame)
