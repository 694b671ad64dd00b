import pytest

from builders.designs import design
from perennial.api.column_type import ColumnType


@pytest.mark.parametrize(
    ("target", "name"),
    [("late", "HistGradientBoostingClassifier"), ("price", "HistGradientBoostingRegressor")],
)
def test_a_recipe_without_an_estimator_means_gradient_boosting(target, name):
    assert design(target).name == name


def test_further_parameters_stand_beside_those_of_the_recipe():
    fixed = design(parameters={"max_iter": "5", "max_depth": "3"})
    both = fixed.with_parameters({"max_depth": "2"})
    assert both.recipe.parameters == {"max_iter": "5", "max_depth": "2"}
    assert fixed.recipe.parameters["max_depth"] == "3"


def test_columns_are_named_by_type_in_their_order():
    assert design().names(ColumnType.BOOLEAN, ColumnType.NUMBER) == ["amount", "member"]


@pytest.mark.parametrize(
    ("recipe", "columns", "expected"),
    [
        ({"categorical": {"encode": "Ordinal"}}, ("amount", "city"), True),
        ({"categorical": {"encode": "Ordinal"}}, ("amount",), False),
        ({"categorical": {"encode": "OneHot"}}, ("amount", "city"), False),
        (
            {"categorical": {"encode": "Ordinal"}, "estimator": "RandomForestClassifier"},
            ("amount", "city"),
            False,
        ),
    ],
)
def test_only_gradient_boosting_splits_by_ordinal_categories(recipe, columns, expected):
    assert design(names=columns, **recipe).splits_by_category is expected
