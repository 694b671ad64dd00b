import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from builders.compiled import WIDTH, amounts, both, flags, grades, rows, schema_for
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.estimator import compile_estimator

CLASSIFIERS = [
    ("line", LogisticRegression(max_iter=1000)),
    ("forest", RandomForestClassifier(3, random_state=0)),
    ("boosted", HistGradientBoostingClassifier(max_iter=3)),
]
REGRESSORS = [("line", Ridge()), ("forest", RandomForestRegressor(3, random_state=0))]


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("weights", [None, [1, 2, 0.5]])
def test_a_soft_vote_is_the_weighted_mean_of_probabilities(weights, target, tmp_path):
    dense = rows()
    fitted = VotingClassifier(CLASSIFIERS, voting="soft", weights=weights)
    assert both(fitted.fit(dense, target(dense)), tmp_path).agree(rows(seed=5))


@pytest.mark.parametrize("weights", [None, [1, 2]])
def test_a_regression_is_the_weighted_mean_of_amounts(weights, tmp_path):
    dense = rows()
    fitted = VotingRegressor(REGRESSORS, weights=weights).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))


def test_a_part_that_was_dropped_has_no_weight(tmp_path):
    dense = rows()
    parts = [*REGRESSORS[:1], ("none", "drop"), *REGRESSORS[1:]]
    fitted = VotingRegressor(parts, weights=[1, 5, 2]).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))


def test_counted_votes_are_not_compiled():
    dense = rows()
    fitted = VotingClassifier([("line", LinearSVC())]).fit(dense, flags(dense))
    with pytest.raises(NotCompilableError, match="VotingClassifier"):
        compile_estimator(fitted, WIDTH, schema_for(fitted))
