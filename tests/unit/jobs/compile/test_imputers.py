import numpy as np
import pandas as pd
import pytest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from builders.encodings import (
    NUMBERS,
    TEXTS,
    assert_equal,
    assert_equal_or_refused,
    complete,
    encoder_of,
    fitted,
    learned,
)
from perennial.jobs.compile import NotCompilableError

NUMERIC = learned()[list(NUMBERS)]
TEXTUAL = learned()[list(TEXTS)]
EMPTY = NUMERIC.assign(visits=np.nan)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize("indicator", [True, False])
def test_missing_numbers_are_filled(strategy, indicator):
    imputer = SimpleImputer(strategy=strategy, add_indicator=indicator)
    assert_equal(fitted(imputer, NUMERIC), NUMERIC)


def test_a_function_of_the_column_is_only_needed_in_training():
    assert_equal(fitted(SimpleImputer(strategy=np.max), NUMERIC), NUMERIC)


def test_missing_numbers_are_filled_with_a_stated_one():
    imputer = SimpleImputer(strategy="constant", fill_value=-1.5)
    assert_equal(fitted(imputer, NUMERIC), NUMERIC)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_column_without_values_is_left_out_unless_it_is_kept(strategy, keep):
    imputer = SimpleImputer(strategy=strategy, keep_empty_features=keep, add_indicator=True)
    made = assert_equal(fitted(imputer, EMPTY), EMPTY)
    assert made.shape[1] == 6 if keep else 5


@pytest.mark.parametrize("indicator", [True, False])
def test_a_missing_text_becomes_the_most_frequent(indicator):
    steps = make_pipeline(
        SimpleImputer(strategy="most_frequent", add_indicator=indicator),
        OneHotEncoder(handle_unknown="ignore"),
    )
    assert_equal(fitted(steps, TEXTUAL), TEXTUAL)


@pytest.mark.parametrize("fill", [None, "Bonn", "none"])
def test_a_missing_text_equals_the_text_that_stands_for_it(fill):
    steps = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=fill),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    )
    assert_equal(fitted(steps, TEXTUAL), TEXTUAL)


def test_a_text_column_without_values_is_kept_as_zeros():
    frame = TEXTUAL.assign(grade=pd.Series(np.nan, index=TEXTUAL.index, dtype=object))
    steps = make_pipeline(
        SimpleImputer(strategy="most_frequent", keep_empty_features=True),
        OneHotEncoder(handle_unknown="ignore"),
    )
    assert_equal(fitted(steps, frame), frame)


def test_numbers_and_texts_are_filled_as_one_matrix():
    steps = make_pipeline(
        SimpleImputer(strategy="most_frequent", add_indicator=True),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.05),
        StandardScaler(with_mean=False),
    )
    assert_equal(fitted(steps))


def test_what_an_encoder_leaves_missing_is_filled():
    steps = make_pipeline(
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
        SimpleImputer(strategy="median", add_indicator=True),
    )
    assert_equal(fitted(steps, TEXTUAL), TEXTUAL)


@pytest.mark.parametrize("features", ["all", "missing-only"])
@pytest.mark.parametrize("sparse", [True, "auto"])
@pytest.mark.parametrize("names", [NUMBERS, TEXTS])
def test_missing_values_are_told(features, sparse, names):
    frame = learned()[list(names)]
    indicator = MissingIndicator(features=features, sparse=sparse, error_on_new=False)
    assert_equal(fitted(indicator, frame), frame)


def test_a_value_missing_where_none_was_is_refused():
    frame = NUMERIC.dropna().reset_index(drop=True)
    frame.loc[0, "amount"] = np.nan
    assert assert_equal_or_refused(fitted(MissingIndicator(), frame), frame) > 0


def test_another_sign_of_missing_is_named():
    imputer = SimpleImputer(missing_values=-1).fit(complete()[list(NUMBERS)])
    with pytest.raises(NotCompilableError, match="SimpleImputer with missing_values=-1"):
        encoder_of(imputer, NUMERIC)
