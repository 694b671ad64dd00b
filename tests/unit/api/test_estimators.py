import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from perennial.api.estimators import (
    LONGEST_PARAMETERS,
    default_estimator,
    mistakes,
    parsed_value,
    table,
)
from perennial.api.model import Recipe
from perennial.api.problem import Problem


def found(problem: str = "Classification", **recipe) -> tuple[str, ...]:
    return mistakes(Recipe.model_validate(recipe), Problem(problem))


@pytest.mark.parametrize("problem", list(Problem))
def test_an_empty_recipe_has_no_mistake(problem):
    assert mistakes(Recipe(), problem) == ()


@pytest.mark.parametrize("name", sorted(table()))
def test_every_estimator_takes_its_own_defaults(name):
    estimator = table()[name]
    defaults = {
        key: parameter.default
        if isinstance(parameter.default, str)
        else json.dumps(parameter.default)
        for key, parameter in estimator.parameters.items()
        if parameter.refused is None
    }
    for key, text in defaults.items():
        assert found(estimator.problem, estimator=name, parameters={key: text}) == ()


def test_the_default_estimator_solves_the_problem():
    assert table()[default_estimator(Problem.CLASSIFICATION)].problem is Problem.CLASSIFICATION
    assert table()[default_estimator(Problem.REGRESSION)].problem is Problem.REGRESSION


def test_a_misspelt_parameter_is_named_with_the_right_one():
    (mistake,) = found(parameters={"max_itr": "200"})
    assert mistake == (
        "spec.training.recipe.parameters.max_itr: HistGradientBoostingClassifier has no parameter "
        "max_itr; did you mean max_iter?"
    )


def test_a_parameter_like_no_other_is_answered_with_those_there_are():
    (mistake,) = found(estimator="BernoulliNB", parameters={"zzz": "1"})
    assert mistake == (
        "spec.training.recipe.parameters.zzz: BernoulliNB has no parameter zzz; "
        "use one of alpha, binarize, class_prior, fit_prior, force_alpha"
    )


def test_a_misspelt_estimator_is_named_with_the_right_one():
    (mistake,) = found(estimator="RandomForestClasifier")
    assert mistake == (
        "spec.training.recipe.estimator: RandomForestClasifier is not a supported estimator; "
        "did you mean RandomForestClassifier?"
    )


@pytest.mark.parametrize("name", ["StackingClassifier", "CalibratedClassifierCV", "CategoricalNB"])
def test_an_estimator_that_is_not_offered_is_unknown(name):
    (mistake,) = found(estimator=name)
    assert mistake.startswith(
        f"spec.training.recipe.estimator: {name} is not a supported estimator; "
    )


@pytest.mark.parametrize(
    ("problem", "name", "twin"),
    [
        ("Classification", "RandomForestRegressor", "RandomForestClassifier"),
        ("Regression", "RandomForestClassifier", "RandomForestRegressor"),
        ("Classification", "Ridge", "RidgeClassifier"),
        ("Regression", "GaussianNB", "HistGradientBoostingRegressor"),
    ],
)
def test_an_estimator_of_the_other_problem_is_answered_with_its_twin(problem, name, twin):
    (mistake,) = found(problem, estimator=name)
    assert mistake.startswith(f"spec.training.recipe.estimator: {name} is for problem: ")
    assert mistake.endswith(f"did you mean {twin}?")


@pytest.mark.parametrize(
    ("name", "key", "text", "remedy"),
    [
        ("HistGradientBoostingClassifier", "max_iter", "0", "use an integer from 1"),
        ("HistGradientBoostingClassifier", "max_iter", "10.5", "use an integer from 1"),
        ("HistGradientBoostingClassifier", "max_iter", "true", "use an integer from 1"),
        ("HistGradientBoostingClassifier", "max_iter", "many", "use an integer from 1"),
        ("HistGradientBoostingClassifier", "learning_rate", "0", "use a number above 0"),
        ("HistGradientBoostingClassifier", "learning_rate", "NaN", "use a number above 0"),
        ("HistGradientBoostingClassifier", "max_depth", "None", "did you mean null?"),
        ("HistGradientBoostingClassifier", "early_stopping", "True", "did you mean true?"),
        ("HistGradientBoostingClassifier", "max_bins", "256", "use an integer from 2 to 255"),
        ("RandomForestClassifier", "criterion", "entrop", "did you mean entropy?"),
        ("RandomForestClassifier", "class_weight", '{"true": "heavy"}', None),
        ("LogisticRegression", "fit_intercept", "1", "use true or false"),
        ("GaussianNB", "priors", "[]", "use a list of numbers or null"),
        ("KNeighborsClassifier", "metric", "precomputed", None),
        ("MLPClassifier", "momentum", "1.5", "use a number from 0 to 1"),
    ],
)
def test_a_value_that_scikit_learn_would_refuse_is_refused_with_the_remedy(name, key, text, remedy):
    (mistake,) = found(estimator=name, parameters={key: text})
    path = f"spec.training.recipe.parameters.{key}"
    assert mistake.startswith(f"{path}: {text!r} is not accepted; ")
    assert remedy is None or mistake.endswith(f"; {remedy}")


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("HistGradientBoostingClassifier", "class_weight", '{"true": 2, "false": 0.5}'),
        ("HistGradientBoostingClassifier", "class_weight", "balanced"),
        ("HistGradientBoostingClassifier", "max_depth", "null"),
        ("HistGradientBoostingClassifier", "learning_rate", "1e-3"),
        ("RandomForestClassifier", "max_features", "0.5"),
        ("RandomForestClassifier", "max_features", "3"),
        ("LogisticRegression", "C", "10"),
        ("MLPClassifier", "hidden_layer_sizes", "[32, 16]"),
        ("LinearDiscriminantAnalysis", "shrinkage", "auto"),
    ],
)
def test_a_value_that_scikit_learn_takes_is_taken(name, key, text):
    assert found(estimator=name, parameters={key: text}) == ()


@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("RandomForestClassifier", "n_jobs", "spec.training.job.resources"),
        ("RandomForestClassifier", "random_state", "spec.training.split.seed"),
        ("RandomForestClassifier", "verbose", "the logging of trainings"),
        ("RandomForestClassifier", "warm_start", "every training starts from scratch"),
        ("AdaBoostClassifier", "estimator", "Python objects"),
        ("HistGradientBoostingClassifier", "categorical_features", "type Category"),
        ("SVC", "probability", "deprecates it"),
    ],
)
def test_a_parameter_that_is_not_the_users_is_refused_with_the_reason(name, key, reason):
    (mistake,) = found(estimator=name, parameters={key: "1"})
    assert mistake.startswith(
        f"spec.training.recipe.parameters.{key}: a recipe cannot set this parameter, because "
    )
    assert reason in mistake


def test_every_value_of_a_search_is_checked():
    parameters = {"max_leaf_nodes": ["15", "one", "31"], "max_itr": ["5"], "n_jobs": ["2"]}
    starts = [
        mistake.partition(": ")[0]
        for mistake in found(search={"parameters": parameters}, estimator="RandomForestClassifier")
    ]
    path = "spec.training.recipe.search.parameters"
    assert starts == [f"{path}.max_leaf_nodes[1]", f"{path}.max_itr", f"{path}.n_jobs"]


def test_a_parameter_is_either_set_or_searched():
    (mistake,) = found(
        parameters={"max_iter": "100"}, search={"parameters": {"max_iter": ["50", "100"]}}
    )
    assert mistake == (
        "spec.training.recipe.search.parameters.max_iter: the parameter is also set in "
        "spec.training.recipe.parameters; remove one of them"
    )


def test_every_mistake_is_told_at_once():
    assert len(found(parameters={"max_itr": "1", "max_bins": "1", "verbose": "3"})) == 3


def test_target_encoding_has_no_use_for_a_largest_number_of_categories():
    (mistake,) = found(categorical={"encode": "Target", "maxCategories": 10})
    assert mistake.startswith("spec.training.recipe.categorical.maxCategories: ")


def test_counts_cannot_be_negative():
    mistakes_of_both = found(
        estimator="MultinomialNB", numeric={"scale": "Standard"}, categorical={"encode": "Ordinal"}
    )
    assert [mistake.partition(": ")[0] for mistake in mistakes_of_both] == [
        "spec.training.recipe.numeric.scale",
        "spec.training.recipe.categorical.encode",
    ]


def test_parameters_that_no_report_can_hold_are_refused():
    long = "x" * LONGEST_PARAMETERS
    (mistake,) = found(parameters={"scoring": long})
    assert mistake.startswith("spec.training.recipe.parameters: ")


def test_a_text_that_is_not_json_stands_for_itself():
    assert parsed_value("balanced") == "balanced"
    assert parsed_value("Infinity") == "Infinity"
    assert parsed_value('"7"') == "7"
    assert parsed_value("[1, 2.5]") == [1, 2.5]
    assert parsed_value("null") is None


def test_the_table_lies_beside_the_code():
    assert files("perennial.api").joinpath("estimators.json").is_file()


def test_the_page_on_recipes_names_every_estimator():
    page = (Path(__file__).parents[3] / "docs/recipe.md").read_text()
    listed = page.partition("## Estimators")[2].partition("## Parameters")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", listed)) == table().keys()
