import numpy as np
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

from perennial.jobs.parity.boundaries import boundaries
from perennial.jobs.parity.thresholds import Thresholds, thresholds_of

RANDOM = np.random.default_rng(4)
NUMBERS = np.column_stack([RANDOM.integers(0, 20, 300) / 2, RANDOM.normal(size=300)])
MOST = 300


def at(*pairs: tuple[int, float]) -> Thresholds:
    features, values = zip(*pairs, strict=True)
    return Thresholds(np.array(features, np.intp), np.array(values))


def test_inputs_are_met_on_both_sides_of_a_threshold_behind_a_scaler():
    scaler = StandardScaler().fit(NUMBERS)
    met = boundaries(scaler.transform, NUMBERS[0], NUMBERS, at((1, 0.25)), MOST)
    scaled = (met[1] - scaler.mean_[1]) / scaler.scale_[1]
    below, above = scaled[scaled <= 0.25].max(), scaled[scaled > 0.25].min()
    # neighbours before scaling, hence a few neighbours apart behind it
    assert above - below < 1e-14


def test_inputs_are_met_where_a_bin_ends():
    bins = KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf").fit(
        NUMBERS
    )
    met = boundaries(bins.transform, NUMBERS[0], NUMBERS, thresholds_of(None), MOST)
    for place in (0, 1):
        for edge in bins.bin_edges_[place][1:-1]:
            assert edge in met[place]
            assert np.nextafter(edge, -np.inf) in met[place]


def test_inputs_are_met_where_rounding_to_float32_turns_the_comparison():
    met = boundaries(lambda rows: rows, NUMBERS[0], NUMBERS, at((1, 0.1)), MOST)[1]
    narrow = met.astype(np.float32).astype(np.float64)
    turning = np.flatnonzero((narrow[:-1] <= 0.1) & (narrow[1:] > 0.1))
    assert any(np.nextafter(met[one], np.inf) == met[one + 1] for one in turning)


def test_a_column_of_one_value_meets_nothing():
    constant = np.column_stack([np.full(9, 3.0), np.full(9, np.nan)])
    met = boundaries(lambda rows: rows, constant[0], constant, at((0, 3.0)), MOST)
    assert [len(values) for values in met] == [0, 0]


def test_only_inputs_whose_values_between_are_refused_are_left_out():
    def encode(rows):
        if not np.isin(rows[:, [0, 2]], NUMBERS[:, 0]).all():
            raise ValueError("found unknown categories")
        return rows

    numbers = NUMBERS[:, [0, 1, 0, 1]]
    met = boundaries(encode, numbers[0], numbers, at((0, 0.3), (1, 0.25), (2, 0.3), (3, 0.5)), MOST)
    assert [values is None for values in met] == [True, False, True, False]
    assert {0.25, np.nextafter(0.25, 1)} <= set(met[1])
    assert {0.5, np.nextafter(0.5, 1)} <= set(met[3])


def test_where_every_row_is_refused_nothing_is_met():
    def encode(rows):
        raise ValueError("found unknown categories")

    assert boundaries(encode, NUMBERS[0], NUMBERS, at((0, 0.3)), MOST) == [None, None]


def test_many_inputs_are_sought_in_few_rows_at_once():
    asked = []

    def encode(rows):
        asked.append(len(rows))
        return rows

    numbers = RANDOM.normal(size=(300, 60))
    found = boundaries(encode, numbers[0], numbers, at(*((place, 0.25) for place in range(60))), 40)
    assert all({0.25, np.nextafter(0.25, 1)} <= set(values) for values in found)
    assert max(asked) <= 500
    assert max(asked[-100:]) == 40


def test_inputs_of_one_feature_do_not_disturb_each_other():
    def encode(rows):
        return np.column_stack([rows[:, 0] + rows[:, 1], rows[:, 2]])

    numbers = NUMBERS[:, [0, 1, 1]]
    base = np.array([2.0, 0.5, 0.0])
    found = boundaries(encode, base, numbers, at((0, 2.75), (1, 0.25)), MOST)
    for place, threshold in ((0, 2.75), (1, 2.75), (2, 0.25)):
        rows = np.tile(base, (len(found[place]), 1))
        rows[:, place] = found[place]
        is_above = encode(rows)[:, place // 2] > threshold
        first = np.argmax(is_above)
        assert np.nextafter(found[place][first - 1], np.inf) == found[place][first]


def test_of_more_thresholds_than_may_be_met_some_are_taken_evenly():
    column = np.arange(65.0)[:, None]
    many = at(*((0, value + 0.25) for value in range(64)))
    (found,) = boundaries(lambda rows: rows, column[0], column, many, 9)
    near = sorted({float(value) for value in found if value % 1 == 0.25})
    steps = {float(value) for value in found if value % 1 == 0.5}
    assert near == [0.25, 15.25, 31.25, 47.25, 63.25]
    assert len(steps) == 4
