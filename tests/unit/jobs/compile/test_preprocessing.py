from pathlib import Path

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from builders.designs import design, inputs, row, rows
from builders.encodings import (
    TEXTS,
    assert_equal,
    assert_equal_or_refused,
    batch_of,
    encoder_of,
    fitted,
    hard,
    learned,
    schema_of,
)
from perennial.artifacts.encoding import ENCODER_FILE
from perennial.artifacts.frame import frame_of_rows
from perennial.jobs.compile.preprocessing import compile_preprocessing
from perennial.jobs.recipe.pipeline import build


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("encode", ["OneHot", "Ordinal", "Target"])
@pytest.mark.parametrize("target", ["late", "grade", "price"])
@pytest.mark.parametrize("scale", ["Nothing", "Standard", "Robust", "MinMax"])
@pytest.mark.parametrize(
    ("learner", "impute"),
    [("HistGradientBoosting", "Nothing"), ("HistGradientBoosting", "Mean"), ("Dummy", "Median")],
)
def test_every_recipe_is_covered(encode, target, scale, learner, impute):
    learned_from = rows(target)
    recipe = design(
        target,
        estimator=learner + ("Regressor" if target == "price" else "Classifier"),
        numeric={"impute": impute, "scale": scale},
        categorical={"encode": encode, "maxCategories": 3},
    )
    columns = build(recipe)[0].fit(learned_from.frame, learned_from.target)
    strange = frame_of_rows(inputs(), [row(), row(city="Nowhere", amount=1e12), row(member=True)])
    assert_equal(columns, learned_from.frame, pd.concat([learned_from.frame, strange] * 9))


def test_rows_by_the_thousand_equal_rows_one_by_one():
    steps = make_column_transformer(
        (OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=4), list(TEXTS)),
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["amount", "visits"]),
        remainder=SimpleImputer(strategy="most_frequent"),
        sparse_threshold=0,
    )
    assert_equal(fitted(steps), asked=hard(5000))


def test_equal_transformers_make_equal_files(tmp_path: Path):
    def content() -> bytes:
        encoder = OneHotEncoder(
            handle_unknown="ignore", categories=[["x", "y", "Bonn"], ["a", "b"]]
        )
        steps = fitted(encoder, learned()[list(TEXTS)])
        compile_preprocessing(steps, schema_of(learned()[list(TEXTS)])).write(tmp_path)
        return (tmp_path / ENCODER_FILE).read_bytes()

    assert content() == content()
    assert b'"words":[["x","y"],[]]' in content()


def test_a_refused_row_names_the_column():
    frame = learned()[["grade", "visits"]]
    steps = fitted(make_column_transformer((OneHotEncoder(), ["grade", "visits"])), frame)
    assert assert_equal_or_refused(steps, frame) > 0
    encoder, schema = encoder_of(steps, frame), schema_of(frame)
    with pytest.raises(ValueError, match="OneHotEncoder takes only the categories") as refusal:
        encoder.dense(batch_of(frame.assign(visits=[1.0] * 9 + [-5.0] * (len(frame) - 9)), schema))
    assert (refusal.value.row, refusal.value.column) == (9, "visits")
