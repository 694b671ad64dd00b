"""CalibratedClassifierCV: curves over the scores of its classifiers, one set for each fold."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.isotonic import IsotonicRegression

from perennial.artifacts.compiled import (
    Calibrated,
    Curve,
    Decision,
    Estimator,
    Expression,
    Isotonic,
    Link,
    Mean,
    Sigmoid,
    Tempered,
)
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.voting import Compile, probabilities_of


def compile_calibrated(estimator: BaseEstimator, width: int, compile_part: Compile) -> Estimator:
    """Compile a calibrated classifier."""
    folds = [_fold(part, width, compile_part) for part in estimator.calibrated_classifiers_]
    return Estimator(
        width=width,
        scores=Mean(parts=tuple(folds)),
        decision=Decision.LARGEST,
        probabilities=Link.IDENTITY,
    )


def _fold(fold: BaseEstimator, width: int, compile_part: Compile) -> Expression:
    part = compile_part(fold.estimator, width)
    # scikit-learn takes the decision function where there is one
    decides = hasattr(fold.estimator, "decision_function")
    if part.probabilities is Link.SOFTMAX_AMONG_OTHERS:
        raise NotCompilableError(f"CalibratedClassifierCV of {type(fold.estimator).__name__}")
    scores = part.scores if decides else probabilities_of(part)
    if fold.method == "temperature":
        beta = np.array([fold.calibrators[0].beta_], np.float64)
        return Tempered(of=scores, of_probabilities=not decides, beta=beta)
    return _curved(fold, scores, decides=decides)


def _curved(fold: BaseEstimator, scores: Expression, *, decides: bool) -> Calibrated:
    outputs = len(fold.classes)
    if outputs == 2:  # noqa: PLR2004 - one curve tells both
        columns, classes = [0 if decides else 1], [1]
    else:
        columns = list(range(len(fold.calibrators)))
        classes = np.searchsorted(fold.classes, fold.estimator.classes_).tolist()
    return Calibrated(
        of=scores,
        columns=tuple(columns),
        curves=tuple(_curve(part) for part in fold.calibrators),
        classes=tuple(classes),
        outputs=outputs,
    )


def _curve(calibrator: BaseEstimator) -> Curve:
    if isinstance(calibrator, IsotonicRegression):
        points = np.array([calibrator.X_thresholds_, calibrator.y_thresholds_], np.float64)
        return Isotonic(points=points)
    return Sigmoid(slope_and_offset=np.array([calibrator.a_, calibrator.b_], np.float64))
