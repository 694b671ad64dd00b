import json

import pytest

from builders.small_model import INPUTS, ROW, schema
from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.contract import Contract
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.wire.rows import RowsReader
from perennial_serving.wire.to_batch import BatchBuilder

STATED = {
    "distance": {"contract_minimum": 1.0, "contract_maximum": 6000.0},
    "dep_delay": {"contract_maximum": 1440.0},
    "carrier": {"contract_categories": ("UA", "B6", "HA")},
    "dest": {"contract_categories": ("IAH",)},
}
SCHEMA = schema(inputs=tuple(one.model_copy(update=STATED.get(one.name, {})) for one in INPUTS))
CONTRACT = Contract(SCHEMA)


def check(*rows: dict) -> None:
    CONTRACT.check(batch_of(SCHEMA, *rows))


def batch_of(described: ModelSchema, *rows: dict) -> Batch:
    body = json.dumps({"rows": rows}).encode()
    return BatchBuilder(described).build([RowsReader(described, 10).read(body)]).batch


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        {**ROW, "distance": 1},
        {**ROW, "distance": 6000},
        {**ROW, "dep_delay": -1e9},
        {**ROW, "dep_delay": None, "dest": None},
        {**ROW, "carrier": "HA"},
    ],
)
def test_what_the_contract_allows_passes(row: dict):
    check(ROW, row)


@pytest.mark.parametrize(
    ("column", "value"),
    [("distance", 0), ("distance", 6001), ("dep_delay", 1440.5), ("carrier", "XX"), ("dest", "")],
)
def test_what_it_does_not_allow_is_refused_with_its_row_and_column(column: str, value):
    with pytest.raises(RowRefusedError, match="contract of the data") as refused:
        check(ROW, {**ROW, column: value})
    assert (refused.value.row, refused.value.column) == (1, column)


def test_a_model_whose_dataset_states_nothing_takes_everything():
    Contract(schema()).check(batch_of(schema(), {**ROW, "distance": -5}))
