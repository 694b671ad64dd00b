import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OrdinalEncoder, StandardScaler

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

FULL = complete()[list(NUMBERS)]
NUMERIC = learned()[list(NUMBERS)]


def bins(encode="ordinal", strategy="quantile", **more) -> KBinsDiscretizer:
    return KBinsDiscretizer(
        4,
        encode=encode,
        strategy=strategy,
        quantile_method="averaged_inverted_cdf",
        random_state=0,
        **more,
    )


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
def test_numbers_fall_into_the_bins_of_scikit_learn(encode, strategy):
    steps = make_pipeline(SimpleImputer(), bins(encode, strategy))
    assert_equal(fitted(steps, NUMERIC), NUMERIC)


def test_a_number_at_an_edge_falls_into_the_bin_above():
    discretizer = fitted(bins(strategy="uniform"), FULL)
    edges = discretizer.bin_edges_[0]
    around = np.concatenate([np.nextafter(edges, -np.inf), edges, np.nextafter(edges, np.inf)])
    asked = FULL.iloc[: len(around)].assign(amount=around)
    asked = asked.loc[asked.index.repeat(6)]
    assert_equal(discretizer, FULL, asked)


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
def test_a_missing_number_is_refused(encode):
    assert assert_equal_or_refused(fitted(bins(encode), FULL), FULL) > 0


def test_scaled_numbers_fall_into_bins():
    steps = make_pipeline(SimpleImputer(), StandardScaler(), bins("onehot-dense"), StandardScaler())
    assert_equal(fitted(steps, NUMERIC), NUMERIC)


@pytest.mark.filterwarnings("ignore:Feature 0 is constant")
def test_a_number_that_never_changed_falls_into_one_bin():
    frame = FULL.assign(amount=4.0)
    asked = FULL.iloc[:60]
    made = assert_equal(bins("onehot-dense", "uniform").fit(frame), frame, asked)
    assert (made[:, 0] == 1).all()


def test_codes_of_categories_fall_into_bins():
    frame = complete()[list(TEXTS)]
    steps = make_pipeline(
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), bins("onehot")
    )
    assert assert_equal_or_refused(fitted(steps, frame), frame) >= 0
    steps = make_pipeline(
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan), bins("onehot")
    )
    assert assert_equal_or_refused(fitted(steps, frame), frame) > 0


def test_single_precision_is_named():
    with pytest.raises(NotCompilableError, match="KBinsDiscretizer with dtype=float32"):
        encoder_of(fitted(bins(dtype=np.float32), FULL), FULL)
