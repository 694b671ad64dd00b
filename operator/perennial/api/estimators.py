"""The estimators that a recipe can name, and the validation of a recipe by itself."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NoReturn

from pydantic import TypeAdapter
from pydantic.types import JsonValue

from perennial.api.model import CategoricalPreprocessing, Recipe
from perennial.api.parameter_forms import Choice, Form, listed
from perennial.api.problem import Problem
from perennial.api.schema import Spec

TABLE = "estimators.json"
LONGEST_PARAMETERS = 768
"""Bytes of all parameters with their values: a Job's report, which is short, contains them."""

_RECIPE = "spec.training.recipe"
_JSON_WORDS = {"true": "true", "false": "false", "none": "null", "null": "null"}


class Parameter(Spec):
    """One parameter of an estimator: the values it accepts, or why a recipe cannot set it."""

    default: JsonValue = None
    accepts: tuple[Form, ...] = ()
    refused: str | None = None


class Estimator(Spec):
    """An estimator, as described by scikit-learn's own metadata."""

    module: str
    problem: Problem
    needs_positive: bool
    parameters: dict[str, Parameter]


@cache
def table() -> dict[str, Estimator]:
    """Return every estimator that a recipe can name, by class name."""
    text = files("perennial.api").joinpath(TABLE).read_text()
    return TypeAdapter(dict[str, Estimator]).validate_json(text)


def default_estimator(problem: Problem) -> str:
    """Return the default estimator for a problem."""
    if problem is Problem.CLASSIFICATION:
        return "HistGradientBoostingClassifier"
    return "HistGradientBoostingRegressor"


def parsed_value(text: str) -> JsonValue:
    """Return the value of a parameter's text: JSON if it parses, else the text itself."""
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return text
    return value


def mistakes(recipe: Recipe, problem: Problem) -> tuple[str, ...]:
    """Return each mistake in a recipe, with the path of the field, the cause and the remedy."""
    name = recipe.estimator or default_estimator(problem)
    estimator = table().get(name)
    if estimator is None:
        return (_unknown_estimator(name, problem),)
    if estimator.problem is not problem:
        return (_other_problem(name, estimator.problem, problem),)
    return (
        *_parameter_mistakes(recipe, name, estimator),
        *_search_mistakes(recipe, name, estimator),
        *_preprocessing_mistakes(recipe, name, estimator),
    )


def _unknown_estimator(name: str, problem: Problem) -> str:
    known = [other for other, estimator in table().items() if estimator.problem is problem]
    hint = _suggestion(name, known) or f"use one of {listed(known)}"
    return f"{_RECIPE}.estimator: {name} is not a supported estimator; {hint}"


def _other_problem(name: str, solves: Problem, problem: Problem) -> str:
    stem = name.removesuffix("Classifier").removesuffix("Regressor")
    twins = (f"{stem}Classifier", f"{stem}Regressor", stem)
    fitting = [twin for twin in twins if twin in table() and table()[twin].problem is problem]
    return (
        f"{_RECIPE}.estimator: {name} is for problem: {solves}, but the problem is {problem}; "
        f"did you mean {(fitting or [default_estimator(problem)])[0]}?"
    )


def _parameter_mistakes(recipe: Recipe, name: str, estimator: Estimator) -> Iterator[str]:
    path = f"{_RECIPE}.parameters"
    for key, text in recipe.parameters.items():
        yield from _setting_mistakes(f"{path}.{key}", name, estimator, key, {"": text})
    size = len(json.dumps(recipe.parameters).encode())
    if size > LONGEST_PARAMETERS:
        yield f"{path}: {size} bytes in total; the limit is {LONGEST_PARAMETERS}"


def _search_mistakes(recipe: Recipe, name: str, estimator: Estimator) -> Iterator[str]:
    if recipe.search is None:
        return
    for key, texts in recipe.search.parameters.items():
        path = f"{_RECIPE}.search.parameters.{key}"
        candidates = {f"[{index}]": text for index, text in enumerate(texts)}
        yield from _setting_mistakes(path, name, estimator, key, candidates)
        if key in recipe.parameters:
            yield f"{path}: the parameter is also set in {_RECIPE}.parameters; remove one of them"


def _setting_mistakes(
    path: str, name: str, estimator: Estimator, key: str, texts: dict[str, str]
) -> Iterator[str]:
    """Yield the mistakes in one parameter and in its values, which are keyed by their place."""
    parameter = estimator.parameters.get(key)
    if parameter is None:
        settable = _settable(estimator)
        hint = _suggestion(key, settable) or f"use one of {listed(settable)}"
        yield f"{path}: {name} has no parameter {key}; {hint}"
    elif parameter.refused is not None:
        yield f"{path}: a recipe cannot set this parameter, because {parameter.refused}; remove it"
    else:
        for place, text in texts.items():
            if not any(form.admits(parsed_value(text)) for form in parameter.accepts):
                yield f"{path}{place}: {text!r} is not accepted; {_remedy(text, parameter)}"


def _settable(estimator: Estimator) -> list[str]:
    return [key for key, parameter in estimator.parameters.items() if parameter.refused is None]


def _remedy(text: str, parameter: Parameter) -> str:
    word = _JSON_WORDS.get(text.lower(), text)
    if word != text and any(form.admits(parsed_value(word)) for form in parameter.accepts):
        return f"did you mean {word}?"
    words = [word for form in parameter.accepts if isinstance(form, Choice) for word in form.values]
    accepted = " or ".join(form.words() for form in parameter.accepts)
    return _suggestion(text, words) or f"use {accepted}"


def _preprocessing_mistakes(recipe: Recipe, name: str, estimator: Estimator) -> Iterator[str]:
    categorical, numeric = recipe.categorical, recipe.numeric
    usual = CategoricalPreprocessing().max_categories
    if categorical.encode == "Target" and categorical.max_categories != usual:
        yield (
            f"{_RECIPE}.categorical.maxCategories: encode: Target keeps every category; "
            "remove maxCategories, or use encode: OneHot"
        )
    if not estimator.needs_positive:
        return
    if numeric.scale in ("Standard", "Robust"):
        yield (
            f"{_RECIPE}.numeric.scale: {name} does not accept negative numbers, which scale: "
            f"{numeric.scale} produces; use MinMax"
        )
    if categorical.encode == "Ordinal":
        yield (
            f"{_RECIPE}.categorical.encode: {name} would treat ordinal codes as counts; use OneHot"
        )


def _suggestion(word: str, known: Sequence[str]) -> str | None:
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)
