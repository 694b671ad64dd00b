import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
    TargetEncoder,
)

from builders.encodings import NUMBERS, TEXTS, assert_equal, encoder_of, fitted, learned
from perennial.jobs.compile import NotCompilableError

NUMERIC = learned()[list(NUMBERS)]
ONE_HOT = OneHotEncoder(handle_unknown="ignore")
DENSE_ONE_HOT = OneHotEncoder(handle_unknown="ignore", sparse_output=False)


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["city", "grade"], ["visits", "amount"]),
        ([0, -2], [4, 1]),
        (np.array([True, False, False, True, False]), [False, True, True, False, False]),
        (slice(0, 1), slice("amount", "member")),
        (pd.Series([False, False, False, True, False]), pd.Index(["visits"])),
        (slice("city", "city"), slice(1, 5, 3)),
        (make_column_selector(dtype_include=object), make_column_selector("amount|visits")),
    ],
    ids=("names", "positions", "masks", "slices", "series", "ends", "selectors"),
)
def test_columns_are_selected_as_fitted(texts, numbers):
    parts = make_column_transformer((ONE_HOT, texts), (StandardScaler(), numbers))
    assert_equal(fitted(parts))


@pytest.mark.parametrize("threshold", [0, 0.3, 1.0])
@pytest.mark.parametrize("rest", ["drop", "passthrough", SimpleImputer(add_indicator=True)])
def test_what_is_not_selected_takes_the_remainder_way(threshold, rest):
    parts = make_column_transformer(
        (ONE_HOT, ["grade", "city"]), remainder=rest, sparse_threshold=threshold
    )
    assert_equal(fitted(parts))


def test_selections_may_be_empty_or_dropped_or_used_twice():
    parts = ColumnTransformer(
        [
            ("none", StandardScaler(), []),
            ("away", "drop", ["member"]),
            ("as it is", "passthrough", ["visits"]),
            ("again", MinMaxScaler(), ["visits", "amount"]),
            ("codes", DENSE_ONE_HOT, ["grade"]),
            ("means", TargetEncoder(random_state=0), ["grade", "city", "member"]),
        ]
    )
    assert_equal(fitted(parts))


def test_transformers_nest_in_any_depth():
    inner = make_column_transformer((MinMaxScaler(), [1]), remainder="passthrough")
    numbers = make_pipeline(
        SimpleImputer(strategy="median"),
        make_union(inner, make_pipeline(StandardScaler(), inner)),
        "passthrough",
        make_column_transformer(
            (KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), [0, 3]),
            remainder=StandardScaler(),
        ),
    )
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), make_union(ONE_HOT, _codes()))
    parts = make_column_transformer((texts, list(TEXTS)), (numbers, ["visits", "amount"]))
    assert_equal(fitted(make_pipeline(None, parts, StandardScaler(with_mean=False))))


def _codes() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


def test_a_union_puts_weighted_results_side_by_side():
    union = FeatureUnion(
        [
            ("scaled", StandardScaler()),
            ("as it is", "passthrough"),
            ("away", "drop"),
            ("hot", ONE_HOT),
        ],
        transformer_weights={"scaled": 0.3, "hot": 7.0},
    )
    assert_equal(fitted(union, NUMERIC), NUMERIC)


def test_frames_between_the_steps_change_nothing():
    steps = make_pipeline(
        make_column_transformer((DENSE_ONE_HOT, ["city"]), (SimpleImputer(), ["visits", "amount"])),
        make_column_transformer(
            (MinMaxScaler(), ["simpleimputer__amount"]), remainder="passthrough"
        ),
    ).set_output(transform="pandas")
    assert_equal(fitted(steps))


def test_a_transformer_without_a_function_lets_pass():
    assert_equal(fitted(FunctionTransformer(), NUMERIC), NUMERIC)


def test_a_transformer_with_a_function_is_named():
    with pytest.raises(NotCompilableError, match="FunctionTransformer with a function of its own"):
        encoder_of(FunctionTransformer(np.log1p).fit(NUMERIC), NUMERIC)


@pytest.mark.parametrize("other", [PCA(2), PolynomialFeatures()], ids=repr)
def test_a_transformer_that_mixes_columns_is_named(other):
    steps = fitted(make_pipeline(SimpleImputer(), other), NUMERIC)
    with pytest.raises(NotCompilableError, match=type(other).__name__):
        encoder_of(steps, NUMERIC)


def test_a_subclass_may_compute_anything():
    class Scaler(StandardScaler):
        pass

    with pytest.raises(NotCompilableError, match="Scaler is none of the transformers covered"):
        encoder_of(fitted(Scaler(), NUMERIC), NUMERIC)


def test_texts_that_reach_the_estimator_are_named():
    parts = make_column_transformer((ONE_HOT, ["grade"]), ("passthrough", ["city"]))
    with pytest.raises(NotCompilableError, match="the estimator is given texts"):
        encoder_of(fitted(parts), learned())


def test_texts_that_are_scaled_are_named():
    with pytest.raises(NotCompilableError, match="StandardScaler is given texts"):
        encoder_of(fitted(StandardScaler(), NUMERIC), learned()[["city", "grade", "member"]])
