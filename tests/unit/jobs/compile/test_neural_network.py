import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from builders.compiled import amounts, both, flags, grades, rows

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL = {"hidden_layer_sizes": (4, 3), "max_iter": 3, "random_state": 0}


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_a_classifier_answers_as_it_was_fitted(activation, target, tmp_path):
    dense = rows()
    fitted = MLPClassifier(activation=activation, **SMALL).fit(dense, target(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_a_regression_goes_through_the_link_of_its_loss(loss, tmp_path):
    dense = rows()
    fitted = MLPRegressor(loss=loss, **SMALL).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))
