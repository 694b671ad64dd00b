"""Every transformer that has a compiled form, by its options, and some that have none.

Each entry stands among those that take the same columns.
"""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from builders.rounded_flights import NUMBERS, TEXTS

Make = Callable[[], BaseEstimator]


def columns(numbers: BaseEstimator | str, texts: BaseEstimator, **more) -> ColumnTransformer:
    """Return what makes numbers and texts dense."""
    steps = [("numbers", numbers, list(NUMBERS)), ("texts", texts, list(TEXTS))]
    return ColumnTransformer(steps, **{"sparse_threshold": 0, **more})


def one_hot(**options) -> OneHotEncoder:
    usual = {"handle_unknown": "infrequent_if_exist", "max_categories": 10}
    return OneHotEncoder(**{**usual, **options}, sparse_output=False)


def scaled(scaler: BaseEstimator | None = None) -> Pipeline:
    scaler = StandardScaler() if scaler is None else scaler
    return make_pipeline(SimpleImputer(strategy="median"), scaler)


def ordinal(**options) -> OrdinalEncoder:
    usual = {
        "handle_unknown": "use_encoded_value",
        "unknown_value": np.nan,
        "encoded_missing_value": np.nan,
    }
    return OrdinalEncoder(**{**usual, **options})


def binned(**options) -> Pipeline:
    usual = {"n_bins": 6, "quantile_method": "averaged_inverted_cdf", "random_state": 0}
    return make_pipeline(SimpleImputer(), KBinsDiscretizer(**{**usual, **options}))


def imputed(**options) -> Pipeline:
    return make_pipeline(SimpleImputer(**options), StandardScaler())


def imputed_texts(encoder: BaseEstimator | None = None, **options) -> Pipeline:
    encoder = one_hot() if encoder is None else encoder
    return make_pipeline(SimpleImputer(**{"strategy": "most_frequent", **options}), encoder)


def scaled_and_binned(**options) -> FeatureUnion:
    return FeatureUnion(
        [("scaled", scaled()), ("binned", binned(encode="onehot-dense"))], **options
    )


def scaled_and_missing(**options) -> FeatureUnion:
    return FeatureUnion([("scaled", scaled()), ("missing", MissingIndicator(**options))])


OF_NUMBERS: dict[str, Make] = {
    "SimpleImputer mean": lambda: imputed(strategy="mean"),
    "SimpleImputer median": lambda: imputed(strategy="median"),
    "SimpleImputer most_frequent": lambda: imputed(strategy="most_frequent"),
    "SimpleImputer constant": lambda: imputed(strategy="constant", fill_value=-1.5),
    "SimpleImputer with indicator": lambda: imputed(add_indicator=True),
    "MissingIndicator": scaled_and_missing,
    "MissingIndicator of all": lambda: scaled_and_missing(features="all"),
    "StandardScaler": scaled,
    "StandardScaler, mean kept": lambda: scaled(StandardScaler(with_mean=False)),
    "MinMaxScaler": lambda: scaled(MinMaxScaler()),
    "MinMaxScaler, clipped": lambda: scaled(MinMaxScaler(clip=True)),
    "MaxAbsScaler": lambda: scaled(MaxAbsScaler()),
    "MaxAbsScaler, clipped": lambda: scaled(MaxAbsScaler(clip=True)),
    "RobustScaler": lambda: scaled(RobustScaler()),
    **{
        f"KBinsDiscretizer {encode}, {strategy}": (
            lambda encode=encode, strategy=strategy: binned(encode=encode, strategy=strategy)
        )
        for encode in ("onehot", "onehot-dense", "ordinal")
        for strategy in ("quantile", "uniform", "kmeans")
    },
    "FunctionTransformer without a function": lambda: make_pipeline(
        FunctionTransformer(), scaled()
    ),
    "FeatureUnion": scaled_and_binned,
    "FeatureUnion with weights": lambda: scaled_and_binned(
        transformer_weights={"scaled": 0.3, "binned": 1.7}
    ),
}
OF_TEXTS: dict[str, Make] = {
    "SimpleImputer of texts": imputed_texts,
    "SimpleImputer of texts, constant": lambda: imputed_texts(
        strategy="constant", fill_value="none"
    ),
    "SimpleImputer of texts with indicator": lambda: imputed_texts(add_indicator=True),
    "MissingIndicator of texts": lambda: FeatureUnion(
        [
            ("codes", ordinal(unknown_value=-1, encoded_missing_value=-2)),
            ("missing", MissingIndicator(error_on_new=False)),
        ]
    ),
    "OneHotEncoder ignore": lambda: one_hot(handle_unknown="ignore", max_categories=None),
    "OneHotEncoder warn": lambda: one_hot(handle_unknown="warn"),
    "OneHotEncoder error": lambda: one_hot(handle_unknown="error"),
    "OneHotEncoder infrequent_if_exist": one_hot,
    "OneHotEncoder min_frequency": lambda: one_hot(min_frequency=0.03, max_categories=None),
    "OneHotEncoder drop first": lambda: one_hot(drop="first"),
    "OneHotEncoder drop if_binary": lambda: imputed_texts(one_hot(drop="if_binary")),
    "OneHotEncoder drop array": lambda: one_hot(drop=["C3", "JFK", "D00", "jet"]),
    "OrdinalEncoder": lambda: ordinal(unknown_value=-1, encoded_missing_value=-2),
    "OrdinalEncoder error": lambda: ordinal(
        handle_unknown="error", unknown_value=None, encoded_missing_value=-1
    ),
    "OrdinalEncoder max_categories": lambda: ordinal(
        unknown_value=-1, encoded_missing_value=-2, max_categories=6
    ),
    "TargetEncoder": lambda: TargetEncoder(random_state=0, shuffle=True),
}
OF_ALL: dict[str, Make] = {
    "OneHotEncoder of numbers": lambda: ColumnTransformer(
        [
            ("hours", one_hot(max_categories=None), ["hour", "weekend", "seats"]),
            ("texts", one_hot(), list(TEXTS)),
        ]
    ),
    "ColumnTransformer with weights": lambda: columns(
        scaled(), one_hot(), transformer_weights={"numbers": 0.3, "texts": 1.7}
    ),
    "passthrough, drop and remainder": lambda: ColumnTransformer(
        [
            ("scaled", scaled(), ["dep_delay", "temperature", "wind", "seats", "weekend"]),
            ("kept", "passthrough", ["hour"]),
            ("left", "drop", ["time_hour"]),
            ("texts", one_hot(), list(TEXTS)),
        ],
        remainder=StandardScaler(),
    ),
    "ColumnTransformer in Pipeline": lambda: make_pipeline(
        columns(SimpleImputer(), one_hot()), MaxAbsScaler()
    ),
}
ALONE = (
    *("MissingIndicator", "OneHotEncoder error", "OrdinalEncoder error"),
    *("TargetEncoder", *OF_ALL),
)
"""What refuses rows that others are to be asked about, learns from the target, or is wide."""


def of_numbers(make: Make) -> Make:
    return lambda: columns(make(), one_hot())


def of_texts(make: Make) -> Make:
    return lambda: columns(scaled(), make())


COMPILED: dict[str, Make] = {
    **{name: of_numbers(make) for name, make in OF_NUMBERS.items()},
    **{name: of_texts(make) for name, make in OF_TEXTS.items()},
    **OF_ALL,
}
NOT_COMPILED: dict[str, Make] = {
    "FunctionTransformer with a function": of_numbers(
        lambda: make_pipeline(SimpleImputer(), FunctionTransformer(np.arctan))
    ),
    "QuantileTransformer": of_numbers(
        lambda: make_pipeline(SimpleImputer(), QuantileTransformer(n_quantiles=50))
    ),
}


def together() -> ColumnTransformer:
    """Return all that need not stand alone, side by side; numbers with few values are soon done."""
    parts = [*_parts(OF_NUMBERS, ("hour", "seats")), *_parts(OF_TEXTS, TEXTS)]
    return ColumnTransformer(parts, sparse_threshold=0)


def _parts(made: dict[str, Make], names: Sequence[str]) -> list[tuple]:
    return [(name, make(), list(names)) for name, make in made.items() if name not in ALONE]
