import numpy as np
import pytest
from scipy.stats import norm

from perennial.artifacts.compiled import Activation, Linear, Network, Normal
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.products import product

DENSE = np.array([[1.0, 2.0], [3.0, -1.0]])
LINE = Linear(coefficients=np.array([[2.0], [1.0]]), intercept=np.array([0.5]))
TWO = Normal(
    prior=np.log([0.25, 0.75]),
    scale=-0.5 * np.log(2 * np.pi * np.array([[4.0, 1.0], [1.0, 9.0]])).sum(axis=1),
    means=np.array([[0.0, 1.0], [2.0, 2.0]]),
    variances=np.array([[4.0, 1.0], [1.0, 9.0]]),
)


def line(coefficient, intercept):
    return Linear(coefficients=np.array([[coefficient]]), intercept=np.array([intercept]))


def test_a_line_is_a_product_and_an_intercept():
    assert product(LINE)(DENSE).tolist() == [[4.5], [5.5]]


def test_a_line_may_centre_its_rows_first():
    centred = LINE.model_copy(update={"centre": np.array([1.0, 1.0])})
    assert product(centred)(DENSE).tolist() == [[1.5], [2.5]]


def test_a_line_may_count_what_is_above_a_bound():
    counted = LINE.model_copy(update={"above": np.array([1.0])})
    assert product(counted)(DENSE).tolist() == [[1.5], [2.5]]


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (Activation.IDENTITY, -5.0),
        (Activation.RELU, 1.0),
        (Activation.TANH, 1.0 + 3.0 * np.tanh(-2.0)),
        (Activation.LOGISTIC, 1.0 + 3.0 / (1.0 + np.exp(2.0))),
    ],
)
def test_an_activation_stands_between_two_layers(activation, expected):
    network = Network(layers=(line(2.0, 0.0), line(3.0, 1.0)), activation=activation)
    assert product(network)(np.array([[-1.0]])).item() == pytest.approx(expected, rel=1e-14)


def test_densities_are_those_of_normal_distributions():
    likely = norm.logpdf(DENSE[:, np.newaxis], TWO.means, np.sqrt(TWO.variances)).sum(axis=2)
    np.testing.assert_allclose(product(TWO)(DENSE), TWO.prior + likely, rtol=1e-13)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("stored", [LINE, TWO, Network(layers=(LINE,), activation=Activation.RELU)])
def test_products_take_finite_numbers_only(stored, value):
    with pytest.raises(RowRefusedError):
        product(stored)(np.array([[0.0, 0.0], [0.0, value]]))


def test_a_line_that_overflows_is_endless_without_a_warning():
    assert product(LINE)(np.array([[1e308, 1e308]])).tolist() == [[np.inf]]
