import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from builders.encodings import (
    NUMBERS,
    TEXTS,
    assert_equal,
    assert_equal_or_refused,
    fitted,
    learned,
)

NUMERIC = learned()[list(NUMBERS)]
TEXTUAL = learned()[list(TEXTS)]


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler(),
        MinMaxScaler(feature_range=(-3, 2), clip=True),
        RobustScaler(),
        RobustScaler(with_centering=False, quantile_range=(5, 95), unit_variance=True),
        RobustScaler(with_scaling=False),
        MaxAbsScaler(),
        MaxAbsScaler(clip=True),
    ],
    ids=repr,
)
def test_numbers_are_scaled_as_by_scikit_learn(scaler):
    assert_equal(fitted(scaler, NUMERIC), NUMERIC)


def test_a_column_of_one_value_is_scaled():
    frame = NUMERIC.assign(visits=4.0)
    assert_equal(fitted(StandardScaler(), frame), frame)


@pytest.mark.parametrize(
    "scaler",
    [StandardScaler(with_mean=False), MaxAbsScaler(), RobustScaler(with_centering=False)],
    ids=repr,
)
@pytest.mark.parametrize("sparse", [True, False])
def test_a_sparse_matrix_is_multiplied_where_a_dense_one_is_divided(scaler, sparse):
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=sparse)
    assert_equal(fitted(make_pipeline(encoder, scaler), TEXTUAL), TEXTUAL)


def test_one_hot_columns_are_centered():
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    assert_equal(fitted(make_pipeline(encoder, StandardScaler()), TEXTUAL), TEXTUAL)


def test_the_weight_of_a_transformer_multiplies():
    columns = ColumnTransformer(
        [("a", StandardScaler(), ["amount"]), ("b", "passthrough", ["visits"])],
        transformer_weights={"a": 0.1, "b": -3},
    )
    assert_equal(fitted(columns, NUMERIC), NUMERIC)


def test_what_overflows_is_refused_by_the_next_step():
    frame = (NUMERIC / 1e6).assign(member=NUMERIC["member"])
    scalers = make_pipeline(StandardScaler(), MinMaxScaler(clip=True))
    asked = frame[:4].assign(amount=[1.0, 1e308, -1e308, np.nan])
    assert assert_equal_or_refused(fitted(scalers, frame), frame, asked) == 2
