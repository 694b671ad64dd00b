"""Types beyond skops' own list that a model may contain; none of them runs code.

An artifact states which of them it contains; it cannot add to the list.
"""

from collections.abc import Iterable
from typing import Final

_DISTANCES = (
    "BrayCurtis",
    "Canberra",
    "Chebyshev",
    "Dice",
    "Euclidean",
    "Hamming",
    "Jaccard",
    "Manhattan",
    "Minkowski",
    "RogersTanimoto",
    "RussellRao",
    "SokalMichener",
    "SokalSneath",
)

TRUSTED: Final = frozenset(
    {
        # of HistGradientBoosting with native categories: a check of its input, with its options
        "functools.partial",
        "sklearn.utils.validation.check_array",
        "numpy.dtype",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in _DISTANCES),
        "sklearn.model_selection._split.KFold",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)


class UntrustedTypeError(Exception):
    """A model contains a type that is not trusted."""


def check_trusted(types: Iterable[str]) -> None:
    """Raise if a model needs a type that is not on the list."""
    if foreign := sorted(set(types) - TRUSTED):
        raise UntrustedTypeError(f"the model holds types that are not trusted: {foreign}")
