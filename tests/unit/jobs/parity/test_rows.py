from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder

from builders.designs import design, rows
from builders.training import table
from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.api.tasks import ColumnLimits
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.parity.cells import Cells
from perennial.jobs.parity.rows import FEWEST_ROWS, MOST_ROWS, ParityRows
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.table.vocabulary import described
from perennial_serving.model.batch import joined

LIMITS = (ColumnLimits(name="amount", minimum="-12.25", maximum="12.5"),)


def made(held_out_rows: int = 60, seed: int = 0):
    """Return the schema and the blocks of a small pipeline."""
    learned = rows()
    stated = design("late", estimator="DecisionTreeClassifier")
    inputs = described(stated.schema.inputs, learned.frame, LIMITS)
    stated = replace(stated, schema=stated.schema.model_copy(update={"inputs": inputs}))
    held_out = rows("late", table(held_out_rows, seed=9)).frame
    cells = Cells.of_frame(stated.schema, held_out)
    made_of = ParityRows(stated.schema, cells, seed)
    return stated.schema, list(made_of.blocks(fitted(stated, learned)))


@pytest.fixture(scope="module")
def blocks():
    return made()[1]


def kind(blocks, wanted: str) -> np.ndarray:
    """Return the column `amount` of one kind of rows."""
    return np.concatenate([one.batch.numbers[:, 0] for one in blocks if one.kind == wanted])


def test_there_are_always_so_many_rows(blocks):
    assert sum(block.batch.rows for block in blocks) > FEWEST_ROWS
    counted = Counter({"held-out rows": 0})
    for block in blocks:
        counted[block.kind] += block.batch.rows
    assert counted["held-out rows"] == 60
    assert counted["mixed held-out rows"] == FEWEST_ROWS - 60


def test_of_very_many_held_out_rows_some_are_taken():
    found = made(MOST_ROWS + 1)[1]
    sizes = [block.batch.rows for block in found if block.kind == "held-out rows"]
    assert sum(sizes) == MOST_ROWS


def test_every_column_is_missing_in_some_rows(blocks):
    kinds = {block.kind: block.batch for block in blocks}
    assert np.isnan(kinds["rows without amount"].numbers[:, 0]).all()
    assert kinds["rows without city"].texts == [[None] * 32]
    assert (kinds["rows without city"].codes == 4).all()
    nothing = kinds["a row without any value"]
    assert (nothing.rows, np.isnan(nothing.numbers).all()) == (1, True)


def test_categories_that_training_did_not_see_are_tried(blocks):
    unseen = next(one for one in blocks if one.kind.startswith("values of city"))
    assert {"", "nan", "aIX", "Aix "} <= set(unseen.batch.texts[0])
    assert (unseen.batch.codes == 3).all()


def test_categories_that_training_saw_are_tried_though_no_held_out_row_holds_them():
    stated = schema_of_texts(city=("Aix", "Bonn", "Cork"), shop=("a", "b"), zip=())
    found = texts_of(stated, "categories that training saw")
    counted = [Counter(column) for column in found]
    assert counted[:2] == [{"Aix": 4, "Bonn": 4, "Cork": 4}, {"a": 6, "b": 6}]
    assert len(set(zip(*found[:2], strict=True))) > 3


def test_of_very_many_categories_some_are_tried_from_the_first_to_the_last():
    names = tuple(f"{number:04}" for number in range(3_000))
    (tried,) = texts_of(schema_of_texts(zip=names), "categories that training saw")
    assert len(tried) == len(set(tried)) == 2_000
    assert {"0000", "2999"} <= set(tried)


def schema_of_texts(**categories: tuple[str, ...]) -> ModelSchema:
    inputs = tuple(
        Input(name=name, type=ColumnType.CATEGORY, nullable=True, categories=known)
        for name, known in categories.items()
    )
    return ModelSchema(problem=Problem.REGRESSION, target="price", inputs=inputs)


def texts_of(schema: ModelSchema, wanted: str) -> list[list[str | None]]:
    """Return the texts of one kind of rows made from a single held-out row without any."""
    cells = Cells(np.empty((1, 0)), np.full((1, len(schema.texts)), None, dtype=object))
    blocks = ParityRows(schema, cells, seed=0).blocks(pipeline_of(FunctionTransformer()))
    return joined([one.batch for one in blocks if one.kind == wanted]).texts


def pipeline_of(transformer) -> Pipeline:
    return Pipeline([("columns", transformer), ("estimator", None)])


@pytest.mark.parametrize("value", [0.0, 1e300, -1e300, 3.5e38])
def test_the_ends_of_what_a_number_can_be_are_tried(blocks, value):
    assert (kind(blocks, f"amount = {value:g}") == value).all()


def test_the_ends_of_training_and_contract_are_tried_with_their_neighbours(blocks):
    tried = set(kind(blocks, "amount at an end of its range"))
    amounts = rows().frame["amount"]
    for end in (-12.25, 12.5, amounts.min(), amounts.max()):
        assert {end, np.nextafter(end, np.inf), np.nextafter(end, -np.inf)} <= tried


def test_negative_zero_is_tried(blocks):
    assert np.signbit(kind(blocks, "amount = -0")).all()


def test_integers_stay_whole(blocks):
    for block in blocks:
        if block.kind.startswith(("visits = ", "visits at an end")):
            assert (block.batch.numbers[:, 1] % 1 == 0).all()


def test_values_next_to_thresholds_come_in_neighbours(blocks):
    values = np.unique(kind(blocks, "values of amount next to thresholds"))
    assert (np.nextafter(values[:-1], np.inf) == values[1:]).sum() > 10


def binned() -> KBinsDiscretizer:
    return KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf")


def amounts_next_to_thresholds(columns: ColumnTransformer, names: tuple, held_out) -> set[float]:
    schema = design("late", names).schema
    made_of = ParityRows(schema, Cells.of_frame(schema, held_out), seed=0)
    blocks = made_of.blocks(pipeline_of(columns))
    return set(kind(blocks, "values of amount next to thresholds"))


def assert_every_bin_is_met(columns: ColumnTransformer, tried: set[float]) -> None:
    for edge in columns.named_transformers_["numbers"][-1].bin_edges_[0][1:-1]:
        assert {edge, np.nextafter(edge, -np.inf)} <= tried


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_bins_are_met_in_whatever_form_a_transformer_gives_them(output):
    learned = rows(names=("amount", "city")).frame
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=output == "default")
    numbers = make_pipeline(SimpleImputer(), binned())
    parts = [("numbers", numbers, ["amount"]), ("texts", encoder, ["city"])]
    columns = ColumnTransformer(parts, sparse_threshold=1).set_output(transform=output)
    assert issparse(columns.fit_transform(learned)) == (output == "default")
    assert_every_bin_is_met(
        columns, amounts_next_to_thresholds(columns, ("amount", "city"), learned)
    )


def test_a_number_of_which_only_known_values_are_taken_hides_no_other_threshold(capsys):
    names = ("amount", "visits", "city")
    learned = rows(names=names).frame
    parts = [
        ("numbers", make_pipeline(SimpleImputer(), binned()), ["amount"]),
        ("known", OneHotEncoder(), ["visits", "city"]),
    ]
    columns = ColumnTransformer(parts).fit(learned)
    # the most complete of the rows is one that is refused
    learned.loc[0] = [0.5, 1, "Delft"]
    tried = amounts_next_to_thresholds(columns, names, learned)
    assert_every_bin_is_met(columns, tried)
    assert capsys.readouterr().out == (
        "thresholds are not compared for visits: "
        "the pipeline refuses values between those that occurred\n"
    )


def test_a_wide_table_is_compared_in_hardly_more_rows_but_every_number_is():
    names = [f"number {place}" for place in range(256)]
    inputs = tuple(
        Input(name=name, type=ColumnType.NUMBER, nullable=True, minimum=-3, maximum=3)
        for name in names
    )
    schema = ModelSchema(problem=Problem.REGRESSION, target="price", inputs=inputs)
    held_out = Cells(np.random.default_rng(0).normal(size=(900, 256)), np.empty((900, 0), object))
    made_of = ParityRows(schema, held_out, seed=0)
    counted = Counter()
    for block in made_of.blocks(pipeline_of(FunctionTransformer())):
        counted[block.kind] += block.batch.rows
    assert FEWEST_ROWS < sum(counted.values()) < 4 * FEWEST_ROWS
    for name in names:
        assert counted[f"{name} = 1e+300"] >= 1
        assert counted[f"rows without {name}"] >= 8
        assert counted[f"values of {name} next to thresholds"] >= 40


def test_the_same_seed_makes_the_same_rows():
    first, second, other = made(seed=3)[1], made(seed=3)[1], made(seed=4)[1]
    assert all(map(_same, first, second))
    assert not all(map(_same, first, other))


def _same(one, other) -> bool:
    numbers = np.array_equal(one.batch.numbers, other.batch.numbers, equal_nan=True)
    return (one.kind, numbers, one.batch.texts) == (other.kind, True, other.batch.texts)
