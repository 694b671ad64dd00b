import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from builders.designs import design, inputs, row, rows
from perennial.api.column_type import ColumnType
from perennial.artifacts.frame import frame_of_rows
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.recipe.pipeline import build

SMALL = {
    "HistGradientBoosting": {"max_iter": "5"},
    "RandomForest": {"n_estimators": "5"},
    "linear": {},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", ["late", "grade", "level", "price"])
@pytest.mark.parametrize("encode", ["OneHot", "Ordinal", "Target"])
@pytest.mark.parametrize("learner", ["HistGradientBoosting", "linear", "RandomForest"])
def test_every_encoding_serves_every_target(target, encode, learner):
    is_number = target == "price"
    linear = "Ridge" if is_number else "LogisticRegression"
    name = linear if learner == "linear" else learner + ("Regressor" if is_number else "Classifier")
    learned = rows(target)
    stated = design(
        target, estimator=name, parameters=SMALL[learner], categorical={"encode": encode}
    )
    pipeline = build(stated).fit(learned.frame, learned.target)
    missing_and_unknown = frame_of_rows(inputs(), [row(), row(city="Nowhere")])
    assert np.isfinite(pipeline[0].transform(learned.frame)[:, -1]).any()
    assert (
        len(TrainedPipeline(stated.schema, pipeline).answer(missing_and_unknown).predictions) == 2
    )


def steps(**recipe) -> dict[str, list[str]]:
    """The preprocessing of each kind of column, by the names of its classes."""
    columns = build(design(**recipe))[0]
    return {
        name: [
            type(step).__name__ for _, step in getattr(transformer, "steps", [("", transformer)])
        ]
        for name, transformer, _ in columns.transformers
    }


def test_trees_see_numbers_as_they_are():
    assert steps() == {"numbers": ["str"], "booleans": ["str"], "categories": ["OneHotEncoder"]}


def test_what_gains_by_it_is_imputed_and_scaled():
    assert steps(estimator="LogisticRegression") == {
        "numbers": ["SimpleImputer", "StandardScaler"],
        "booleans": ["SimpleImputer"],
        "categories": ["OneHotEncoder"],
    }


@pytest.mark.parametrize(
    ("scale", "scaler"),
    [("Standard", StandardScaler), ("MinMax", MinMaxScaler), ("Robust", RobustScaler)],
)
def test_what_the_recipe_declares_is_done(scale, scaler):
    assert steps(numeric={"impute": "Mean", "scale": scale})["numbers"] == [
        "SimpleImputer",
        scaler.__name__,
    ]


def test_nothing_may_be_declared_too():
    assert steps(
        estimator="LogisticRegression",
        nullable=False,
        numeric={"impute": "Nothing", "scale": "Nothing"},
    )["numbers"] == ["str"]


def test_whether_missing_numbers_are_replaced_hangs_on_the_parameters_too():
    tree = {"target": "price", "estimator": "ExtraTreeRegressor"}
    assert steps(**tree)["numbers"] == ["str"]
    assert steps(**tree, parameters={"splitter": "best"})["numbers"] == ["SimpleImputer"]


def test_fewer_bins_hold_fewer_categories():
    stated = design(categorical={"encode": "Ordinal"}, parameters={"max_bins": "16"})
    assert build(stated)[0].transformers[-1][1].max_categories == 16


def test_rare_categories_are_joined():
    stated = design(estimator="LogisticRegression", categorical={"maxCategories": 2})
    learned = rows()
    pipeline = build(stated).fit(learned.frame, learned.target)
    encoded = pipeline[0].named_transformers_["categories"].transform(learned.frame[["city"]])
    assert encoded.shape[1] == 2


def test_columns_keep_their_order_within_their_kind():
    columns = build(design(names=("city", "since", "visits", "amount")))[0]
    assert [names for _, _, names in columns.transformers] == [
        ["since", "visits", "amount"],
        ["city"],
    ]


def test_a_timestamp_is_a_number_of_seconds():
    learned = rows()
    columns = build(design())[0].fit(learned.frame, learned.target)
    seconds = columns.transform(learned.frame)[:, 2]
    known = np.isfinite(seconds)
    assert known.any()
    assert (seconds[known] > 1.6e9).all()
    assert ColumnType.TIMESTAMP in {column.type for column in design().schema.inputs}
