import numpy as np

from perennial.artifacts.compiled import Calibrated, Constant, Isotonic, Sigmoid, Tempered
from perennial_serving.model.calibrated import calibrated, tempered

BELOW = Constant(scores=np.array([0.0]))
FLAT = Sigmoid(slope_and_offset=np.array([0.0, 0.0]))
BETA = np.array([2.0])


def curves(*given, columns, classes, outputs):
    return Calibrated(of=BELOW, columns=columns, curves=given, classes=classes, outputs=outputs)


def test_a_curve_of_two_classes_tells_both():
    steep = Sigmoid(slope_and_offset=np.array([-2.0, 1.0]))
    stored = curves(steep, columns=(1,), classes=(1,), outputs=2)
    assert calibrated(stored)(np.array([[9.0, 0.5]])).tolist() == [[0.5, 0.5]]


def test_a_curve_is_flat_outside_its_points():
    curve = Isotonic(points=np.array([[0.0, 5.0], [0.25, 0.75]]))
    stored = curves(curve, columns=(0,), classes=(1,), outputs=2)
    assert calibrated(stored)(np.array([[-9.0], [2.5], [9.0]]))[:, 1].tolist() == [0.25, 0.5, 0.75]


def test_a_class_without_a_curve_gets_no_share():
    stored = curves(FLAT, FLAT, columns=(0, 1), classes=(0, 2), outputs=3)
    assert calibrated(stored)(np.zeros((1, 2))).tolist() == [[0.5, 0.0, 0.5]]


def test_classes_that_all_curves_rule_out_share_alike():
    never = Isotonic(points=np.array([[0.0, 1.0], [0.0, 0.0]]))
    stored = curves(*[never] * 4, columns=(0, 1, 2, 3), classes=(0, 1, 2, 3), outputs=4)
    assert calibrated(stored)(np.zeros((1, 4))).tolist() == [[0.25] * 4]


def test_a_temperature_of_one_score_is_of_both_classes():
    stored = Tempered(of=BELOW, of_probabilities=False, beta=BETA)
    likely = tempered(stored)(np.array([[np.log(3.0) / 4.0]]))
    np.testing.assert_allclose(likely, [[0.25, 0.75]], rtol=1e-12)


def test_a_temperature_of_probabilities_is_of_their_logarithms():
    stored = Tempered(of=BELOW, of_probabilities=True, beta=BETA)
    likely = tempered(stored)(np.array([[0.2, 0.8]]))
    np.testing.assert_allclose(likely, [[0.04 / 0.68, 0.64 / 0.68]], rtol=1e-9)
