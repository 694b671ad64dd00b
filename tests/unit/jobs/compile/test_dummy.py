import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from builders.compiled import WIDTH, amounts, both, grades, rows, with_gaps
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.dummy import compile_dummy_classifier


@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "constant"])
def test_a_classifier_that_looks_at_nothing_takes_any_row(strategy, tmp_path):
    dense = rows()
    fitted = DummyClassifier(strategy=strategy, constant="top").fit(dense, grades(dense))
    assert both(fitted, tmp_path).agree(with_gaps(dense))


@pytest.mark.parametrize("strategy", ["mean", "median", "quantile", "constant"])
def test_a_regression_that_looks_at_nothing_takes_any_row(strategy, tmp_path):
    dense = rows()
    fitted = DummyRegressor(strategy=strategy, constant=3.25, quantile=0.2)
    assert both(fitted.fit(dense, amounts(dense)), tmp_path).agree(with_gaps(dense))


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_answers_that_are_drawn_are_not_compiled(strategy):
    dense = rows()
    fitted = DummyClassifier(strategy=strategy).fit(dense, grades(dense))
    with pytest.raises(NotCompilableError, match=strategy):
        compile_dummy_classifier(fitted, WIDTH)
