import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from perennial.jobs.parity.thresholds import thresholds_of

RANDOM = np.random.default_rng(4)
NUMBERS = np.column_stack([RANDOM.integers(0, 20, 300) / 2, RANDOM.normal(size=300)])
CLASSES = NUMBERS[:, 0] + NUMBERS[:, 1] > 5
FEW = {"n_estimators": 3, "random_state": 0}


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(max_depth=3),
        RandomForestClassifier(**FEW),
        GradientBoostingClassifier(**FEW),
        HistGradientBoostingClassifier(max_iter=3),
        VotingClassifier([("forest", RandomForestClassifier(**FEW))]),
        CalibratedClassifierCV(RandomForestClassifier(**FEW), cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_thresholds_are_found_in_every_kind_of_trees(estimator):
    found = thresholds_of(estimator.fit(NUMBERS, CLASSES))
    assert set(found.features) == {0, 1}
    for feature in (0, 1):
        column = NUMBERS[:, feature]
        values = found.of(feature)
        assert ((values >= column.min()) & (values <= column.max())).all()


def test_a_line_has_no_thresholds():
    assert len(thresholds_of(LogisticRegression().fit(NUMBERS, CLASSES)).values) == 0


def test_histogram_trees_count_categories_first_but_their_features_are_told_as_given():
    boosted = HistGradientBoostingClassifier(max_iter=3, categorical_features=[1])
    features = np.column_stack([NUMBERS[:, 1], NUMBERS[:, 0]])
    assert set(thresholds_of(boosted.fit(features, CLASSES)).features) == {0}
