import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from builders.compiled import (
    CITY,
    SHOP,
    WIDTH,
    amounts,
    both,
    flags,
    grades,
    on_thresholds,
    rows,
    with_gaps,
)
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.histogram_trees import compile_histogram_boosting

LOSSES = ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
ODD = (np.nan, -1.0, 0.5, 3.5, 12.0, 64.0, 255.0, 256.0, 1e9, 2.0**32 + 3)


def classifier(target, dense, **parameters):
    return HistGradientBoostingClassifier(max_iter=4, **parameters).fit(dense, target(dense))


@pytest.mark.parametrize("target", [flags, grades])
def test_a_classifier_answers_on_its_thresholds_as_it_was_fitted(target, tmp_path):
    fitted = classifier(target, rows())
    trees = [tree for iteration in fitted._predictors for tree in iteration]
    assert both(fitted, tmp_path).agree(with_gaps(on_thresholds(rows(), trees)))


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("gaps", [True, False])
def test_categories_go_where_they_went_in_training(target, gaps, tmp_path):
    dense = with_gaps(rows()) if gaps else rows()
    fitted = classifier(target, dense, categorical_features=[CITY, SHOP])
    assert both(fitted, tmp_path).agree(with_gaps(rows(seed=5)))


@pytest.mark.parametrize("gaps", [True, False])
def test_a_category_that_nobody_knows_counts_as_missing(gaps, tmp_path):
    dense = with_gaps(rows()) if gaps else rows()
    pair = both(classifier(flags, dense, categorical_features=[CITY, SHOP]), tmp_path)
    for odd in ODD:
        served = rows(60)
        served[:, CITY] = odd
        assert pair.agree(served), odd


def test_categories_may_be_negative(tmp_path):
    dense = rows()
    dense[:, CITY] -= 6
    assert both(classifier(flags, dense, categorical_features=[CITY]), tmp_path).agree(dense)


@pytest.mark.parametrize("shift", [0.5, 2.0**31])
def test_categories_that_the_runtime_cannot_hold_are_not_compiled(shift):
    dense = rows()
    dense[:, CITY] += shift
    fitted = classifier(flags, dense, categorical_features=[CITY])
    with pytest.raises(NotCompilableError, match="whole numbers"):
        compile_histogram_boosting(fitted, WIDTH)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_regression_goes_through_the_link_of_its_loss(loss, tmp_path):
    dense = with_gaps(rows())
    quantile = 0.3 if loss == "quantile" else None
    fitted = HistGradientBoostingRegressor(
        loss=loss, quantile=quantile, max_iter=4, categorical_features=[SHOP]
    ).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(with_gaps(rows(seed=5)))


@pytest.mark.parametrize("batch", [1, 7, 300])
def test_scores_are_the_same_bits_in_batches_of_any_size(batch, tmp_path):
    dense = with_gaps(rows())
    pair = both(classifier(grades, dense, categorical_features=[CITY]), tmp_path)
    parts = [pair.served._scores(dense[at : at + batch]) for at in range(0, len(dense), batch)]
    assert np.array_equal(np.vstack(parts), pair.fitted.decision_function(dense))


def test_trees_that_never_split_leave_the_start(tmp_path):
    dense = rows(12)
    fitted = HistGradientBoostingRegressor(max_iter=2).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(dense)
