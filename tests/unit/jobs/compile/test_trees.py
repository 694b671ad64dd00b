import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from builders.compiled import amounts, both, flags, grades, levels, on_thresholds, rows, with_gaps

TREES = (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)
FORESTS = (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
TARGETS = {"Classifier": (flags, levels, grades), "Regressor": (amounts,)}


def cases(*kinds):
    return [
        (kind, target)
        for kind in kinds
        for name, targets in TARGETS.items()
        if kind.__name__.endswith(name)
        for target in targets
    ]


@pytest.mark.parametrize(("kind", "target"), cases(*TREES))
def test_a_tree_answers_on_its_thresholds_as_it_was_fitted(kind, target, tmp_path):
    dense = rows()
    pair = both(kind(min_samples_leaf=3, random_state=0).fit(dense, target(dense)), tmp_path)
    assert pair.agree(on_thresholds(dense, [pair.fitted]))


@pytest.mark.parametrize(("kind", "target"), cases(*FORESTS))
def test_a_forest_answers_on_its_thresholds_as_it_was_fitted(kind, target, tmp_path):
    dense = rows()
    fitted = kind(n_estimators=4, min_samples_leaf=3, random_state=0).fit(dense, target(dense))
    assert both(fitted, tmp_path).agree(on_thresholds(dense, fitted.estimators_))


@pytest.mark.parametrize("known", [True, False])
def test_missing_values_go_where_scikit_learn_sends_them(known, tmp_path):
    dense = with_gaps(rows()) if known else rows()
    fitted = RandomForestClassifier(4, random_state=0).fit(dense, grades(dense))
    assert both(fitted, tmp_path).agree(with_gaps(rows(), seed=7))


def test_a_forest_adds_its_trees_in_their_order(tmp_path):
    dense = rows()
    fitted = RandomForestClassifier(7, min_samples_leaf=3, random_state=0)
    pair = both(fitted.fit(dense, levels(dense)), tmp_path)
    assert np.array_equal(pair.served.answer(dense).probabilities, fitted.predict_proba(dense))


def test_a_tree_that_never_splits_answers_the_same_for_every_row(tmp_path):
    dense = rows()
    fitted = DecisionTreeRegressor().fit(dense, np.full(len(dense), 2.5))
    assert set(both(fitted, tmp_path).served.answer(with_gaps(dense)).predictions) == {2.5}


def test_a_forest_is_stored_once_however_many_classes_there_are(tmp_path):
    dense = rows()
    pair = both(RandomForestClassifier(3, random_state=0).fit(dense, levels(dense)), tmp_path)
    leaves = sum(tree.get_n_leaves() for tree in pair.fitted.estimators_)
    assert pair.stored.scores.table.shape == (leaves, 3)
    assert pair.stored.scores.trees.outputs == 3
