import numpy as np
import pytest

from perennial.statistics.components import Components, Kind
from perennial.statistics.directions import BINS, Directions
from perennial.statistics.table import TableNull

INPUTS, WIDTH = 6, 18  # 16 bins, above, missing
KINDS = [Kind.NUMBER] * INPUTS


def bins(rows: int, seed: int, broken: float = 0.0) -> np.ndarray:
    """Return bins of six inputs of two factors; a share of the rows exchanges the first input."""
    random = np.random.default_rng(seed)
    factors = random.normal(size=(2, rows))
    values = np.repeat(factors, 3, axis=0) + random.normal(0, 0.5, (INPUTS, rows))
    hit = np.flatnonzero(random.random(rows) < broken)
    values[0, hit] = values[0, random.permutation(hit)]
    return np.clip(np.floor(values * 3 + 8), 0, 15).astype(np.int64)


def counts(of: np.ndarray) -> list[np.ndarray]:
    return [np.bincount(one, minlength=WIDTH).astype(float) for one in of]


@pytest.fixture(scope="module")
def directions() -> Directions:
    rows = bins(20_000, 1)
    return Directions.of(KINDS, counts(rows), rows)


def test_directions_are_those_of_the_smallest_variance(directions):
    variances = directions.along(bins(5000, 2)).var(axis=1)

    assert len(variances) == 4
    assert (variances < 0.5).all()
    assert (np.diff(variances) > -0.02).all()


def test_each_bin_has_an_equal_share_of_the_training_rows(directions):
    found = directions.counts(bins(20_000, 1))

    assert found.shape == (4, BINS)
    assert found == pytest.approx(np.full_like(found, 1250), rel=0.2)


def test_a_broken_relation_is_found_though_no_input_has_changed(directions):
    reference = directions.counts(bins(20_000, 1))
    components = Components.of([Kind.ANSWER] * 4, list(reference), 2000)
    null = TableNull.independent(components, 2000)

    def p(broken: float) -> np.ndarray:
        windows = [directions.counts(bins(2000, 100 + seed, broken)) for seed in range(40)]
        return null.judged(reference, np.stack(windows, axis=1)[:, :, None]).table

    assert (p(0.25) <= 0.01).mean() > 0.95
    assert (p(0.0) <= 0.01).mean() < 0.1


def test_missing_values_and_constant_inputs_have_the_score_zero():
    rows = bins(2000, 3)
    rows[0, ::3] = WIDTH - 1
    rows[1] = 5
    found = Directions.of(KINDS, counts(rows), rows)

    assert found.scores[0, -1] == 0
    assert not found.scores[1].any()


def test_equal_rows_give_equal_directions(directions):
    rows = bins(20_000, 1)
    again = Directions.of(KINDS, counts(rows), rows)

    assert (again.weights == directions.weights).all()
    assert (np.abs(again.weights).max(axis=0) == again.weights.max(axis=0)).all()
