"""scikit-learn's own constraints as plain data, so that the operator can check recipes."""

import inspect
import math
from collections.abc import Iterable, Iterator
from numbers import Integral, Real
from typing import Any

from pydantic.types import JsonValue
from sklearn.base import BaseEstimator
from sklearn.utils import all_estimators, get_tags
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from perennial.api.problem import Problem

LEFT_OUT = {
    "BaggingClassifier": "takes an estimator",
    "BaggingRegressor": "takes an estimator",
    "CCA": "predicts several targets",
    "CalibratedClassifierCV": "takes an estimator",
    "CategoricalNB": "fails on a category that training did not see",
    "IsotonicRegression": "takes one column only",
    "LabelPropagation": "learns from rows without a target",
    "LabelSpreading": "learns from rows without a target",
    "LogisticRegressionCV": "changes its defaults; a recipe's search does the same",
    "MultiTaskElasticNet": "predicts several targets",
    "MultiTaskElasticNetCV": "predicts several targets",
    "MultiTaskLasso": "predicts several targets",
    "MultiTaskLassoCV": "predicts several targets",
    "PLSCanonical": "predicts several targets",
    "PassiveAggressiveClassifier": "deprecated by scikit-learn; SGDClassifier does the same",
    "PassiveAggressiveRegressor": "deprecated by scikit-learn; SGDRegressor does the same",
    "RANSACRegressor": "takes an estimator",
    "RadiusNeighborsClassifier": "fails on a row without neighbours",
    "RadiusNeighborsRegressor": "has no answer for a row without neighbours",
    "SelfTrainingClassifier": "learns from rows without a target",
    "TransformedTargetRegressor": "takes an estimator",
}
"""Unsupported classifiers and regressors, with the reason."""

_OWNED = {
    "categorical_features": "columns of type Category are known from the Dataset",
    "interaction_cst": "it refers to columns after encoding, which a recipe does not know",
    "monotonic_cst": "it refers to columns after encoding, which a recipe does not know",
    "n_jobs": "the CPUs of a training come from spec.training.job.resources",
    "random_state": "the seed of every random choice is spec.training.split.seed",
    "verbose": "Perennial configures the logging of trainings",
    "warm_start": "every training starts from scratch",
}
_DEPRECATED = "scikit-learn deprecates it"
_TAKES_OBJECTS = "its values are Python objects, which a manifest cannot contain"

_NEED_MORE = {"haversine", "mahalanobis", "precomputed", "pyfunc", "seuclidean"}
"""Choices that need a function, a matrix or exactly two columns."""
_KINDS = ("Boolean", "List", "Null", "Object", "Text")
_FORMS: dict[object, tuple[object, ...]] = {
    "array-like": ("List",),
    "boolean": ("Boolean",),
    "cv_object": (Interval(Integral, 2, None, closed="left"), "Null"),
    Integral: (Interval(Integral, None, None, closed="neither"),),
    None: ("Null",),
    Real: (Interval(Real, None, None, closed="neither"),),
    dict: ("Object",),
    str: ("Text",),
}


def estimator_table() -> dict[str, JsonValue]:
    """Return every supported estimator, with the accepted values of each parameter."""
    return {
        name: _estimator(kind, problem)
        for problem, type_filter in (
            (Problem.CLASSIFICATION, "classifier"),
            (Problem.REGRESSION, "regressor"),
        )
        for name, kind in all_estimators(type_filter=type_filter)
        if name not in LEFT_OUT and _stands_alone(kind)
    }


def _stands_alone(kind: type[BaseEstimator]) -> bool:
    parameters = inspect.signature(kind).parameters.values()
    return all(parameter.default is not inspect.Parameter.empty for parameter in parameters)


def _estimator(kind: type[BaseEstimator], problem: Problem) -> JsonValue:
    tags = get_tags(kind())
    constraints = kind._parameter_constraints  # noqa: SLF001 - the only place that states them
    return {
        "module": kind.__module__.partition("._")[0],
        "problem": str(problem),
        "needsPositive": bool(tags.input_tags.positive_only),
        "parameters": {
            name: _parameter(name, parameter.default, constraints[name])
            for name, parameter in sorted(inspect.signature(kind).parameters.items())
        },
    }


def _parameter(name: str, default: object, constraints: Iterable[object]) -> JsonValue:
    if name in _OWNED:
        return {"refused": _OWNED[name]}
    if default == "deprecated":
        return {"refused": _DEPRECATED}
    accepts = [form for constraint in constraints for form in _forms(constraint)]
    if all(form == {"kind": "Null"} for form in accepts):
        return {"refused": _TAKES_OBJECTS}
    return {"default": _as_json(default), "accepts": accepts}


def _forms(constraint: object) -> Iterator[JsonValue]:
    """Yield the forms of a constraint in JSON; callables, matrices and objects have none."""
    if isinstance(constraint, str) and constraint in _KINDS:
        yield {"kind": constraint}
    elif isinstance(constraint, Interval):
        yield _interval(constraint)
    elif isinstance(constraint, StrOptions):
        offered = constraint.options - constraint.deprecated - _NEED_MORE
        yield {"kind": "Choice", "values": sorted(offered)}
    else:
        for form in _FORMS.get(constraint, ()):
            yield from _forms(form)


def _interval(interval: Any) -> JsonValue:  # noqa: ANN401 - scikit-learn has no types
    kinds = {Integral: "Integer", RealNotInt: "Float"}
    return {
        "kind": kinds.get(interval.type, "Number"),
        "low": _as_json(interval.left),
        "high": _as_json(interval.right),
        "lowIncluded": interval.closed in ("left", "both"),
        "highIncluded": interval.closed in ("right", "both"),
    }


def _as_json(value: Any) -> JsonValue:  # noqa: ANN401 - defaults are of any type
    if isinstance(value, float) and math.isinf(value):
        return None
    return list(value) if isinstance(value, tuple) else value
