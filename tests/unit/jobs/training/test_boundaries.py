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
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from perennial.jobs.training.boundaries import Thresholds, boundaries, thresholds_of

RANDOM = np.random.default_rng(4)
NUMBERS = np.column_stack([RANDOM.integers(0, 20, 300) / 2, RANDOM.normal(size=300)])
CLASSES = NUMBERS[:, 0] + NUMBERS[:, 1] > 5
FEW = {"n_estimators": 3, "random_state": 0}


def at(*pairs: tuple[int, float]) -> Thresholds:
    features, values = zip(*pairs, strict=True)
    return Thresholds(np.array(features, np.intp), np.array(values))


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


def test_inputs_are_met_on_both_sides_of_a_threshold_behind_a_scaler():
    scaler = StandardScaler().fit(NUMBERS)
    met = boundaries(scaler.transform, NUMBERS[0], NUMBERS, at((1, 0.25)))
    scaled = (met[1] - scaler.mean_[1]) / scaler.scale_[1]
    below, above = scaled[scaled <= 0.25].max(), scaled[scaled > 0.25].min()
    # neighbours before scaling, hence a few neighbours apart behind it
    assert above - below < 1e-14


def test_inputs_are_met_where_a_bin_ends():
    bins = KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf").fit(
        NUMBERS
    )
    met = boundaries(bins.transform, NUMBERS[0], NUMBERS, thresholds_of(None))
    for place in (0, 1):
        for edge in bins.bin_edges_[place][1:-1]:
            assert edge in met[place]
            assert np.nextafter(edge, -np.inf) in met[place]


def test_inputs_are_met_where_rounding_to_float32_turns_the_comparison():
    met = boundaries(lambda rows: rows, NUMBERS[0], NUMBERS, at((1, 0.1)))[1]
    narrow = met.astype(np.float32).astype(np.float64)
    turning = np.flatnonzero((narrow[:-1] <= 0.1) & (narrow[1:] > 0.1))
    assert any(np.nextafter(met[one], np.inf) == met[one + 1] for one in turning)


def test_a_column_of_one_value_meets_nothing():
    constant = np.column_stack([np.full(9, 3.0), np.full(9, np.nan)])
    met = boundaries(lambda rows: rows, constant[0], constant, at((0, 3.0)))
    assert [len(values) for values in met] == [0, 0]


def test_only_inputs_whose_values_between_are_refused_are_left_out():
    def encode(rows):
        if not np.isin(rows[:, [0, 2]], NUMBERS[:, 0]).all():
            raise ValueError("found unknown categories")
        return rows

    numbers = NUMBERS[:, [0, 1, 0, 1]]
    met = boundaries(encode, numbers[0], numbers, at((0, 0.3), (1, 0.25), (2, 0.3), (3, 0.5)))
    assert [values is None for values in met] == [True, False, True, False]
    assert {0.25, np.nextafter(0.25, 1)} <= set(met[1])
    assert {0.5, np.nextafter(0.5, 1)} <= set(met[3])


def test_where_every_row_is_refused_nothing_is_met():
    def encode(rows):
        raise ValueError("found unknown categories")

    assert boundaries(encode, NUMBERS[0], NUMBERS, at((0, 0.3))) == [None, None]
