import json
from datetime import UTC, datetime

import numpy as np
import pytest

from builders.artifact import INPUTS, ROW
from perennial.api.dataset import ColumnType
from perennial.api.model import Problem
from perennial.artifacts.answers import Answers
from perennial.artifacts.schema import Input, ModelSchema
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.rows import RowsReader, write_predictions

SCHEMA = ModelSchema(
    problem=Problem.CLASSIFICATION, target="late", classes=(False, True), inputs=INPUTS
)
READER = RowsReader(SCHEMA, limit=3)


def read(value):
    return READER.read(json.dumps(value).encode())


def refusal(value) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        read(value)
    return refused.value.error, refused.value.path


def without(name: str) -> dict:
    return {key: value for key, value in ROW.items() if key != name}


@pytest.mark.parametrize("body", [{"rows": [ROW]}, [ROW], ROW])
def test_rows_come_in_an_envelope_in_a_list_or_alone(body):
    table = read(body)
    assert table.rows == 1
    assert table.columns == {
        "dep_delay": [12.5],
        "distance": [1400],
        "carrier": ["UA"],
        "dest": ["IAH"],
        "weekend": [False],
        "time_hour": [datetime(2013, 1, 5, 9, tzinfo=UTC)],
    }


def test_columns_keep_the_order_of_the_schema_whatever_the_order_of_the_keys():
    table = read(dict(reversed(ROW.items())))
    assert list(table.columns) == [one.name for one in INPUTS]


def test_a_value_may_be_null_or_absent_only_where_it_may_be_missing():
    assert read({**ROW, "dest": None}).columns["dest"] == [None]
    assert read(without("dest")).columns["dest"] == [None]
    assert refusal({**ROW, "carrier": None}) == ("Expected `string`, got `null`", "$.carrier")
    assert refusal(without("carrier")) == ("this field is missing", "$.carrier")


def test_the_path_of_a_mistake_follows_the_form_of_the_body():
    wrong = {**ROW, "dep_delay": "late"}
    assert refusal({"rows": [ROW, wrong]})[1] == "$.rows[1].dep_delay"
    assert refusal([ROW, wrong])[1] == "$[1].dep_delay"
    assert refusal(wrong)[1] == "$.dep_delay"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("dep_delay", "12"),
        ("dep_delay", True),
        ("dep_delay", [1]),
        ("distance", 1400.5),
        ("distance", False),
        ("carrier", 7),
        ("weekend", 1),
        ("weekend", "true"),
        ("time_hour", 1357376400),
        ("time_hour", "yesterday"),
        ("time_hour", "2013-02-30T00:00:00Z"),
    ],
)
def test_a_value_of_another_type_is_refused_at_its_path(column: str, value):
    assert refusal([ROW, {**ROW, column: value}])[1] == f"$[1].{column}"


def test_a_whole_number_may_be_written_as_one_with_a_point():
    assert read({**ROW, "distance": 1400.0}).columns["distance"] == [1400]


def test_an_unknown_column_is_refused():
    assert refusal({**ROW, "seats": 1}) == ("there is no such field", "$.seats")
    assert refusal({"rows": [ROW], "id": 1})[1] == "$.id"


def test_a_request_without_rows_is_refused():
    assert refusal([]) == ("there are no rows", "$")
    assert refusal({"rows": []}) == ("there are no rows", "$.rows")


def test_a_request_with_too_many_rows_is_refused():
    assert refusal({"rows": [ROW] * 4})[1] == "$.rows"


@pytest.mark.parametrize("body", [1, "row", None, True, {"rows": 5}, {"rows": {}}, [[ROW]]])
def test_what_holds_no_rows_is_refused(body):
    assert refusal(body)


def test_columns_may_have_any_name():
    names = ("rows", "class", "dep delay", "naïve", "c0", "$.x[1]")
    inputs = tuple(Input(name=name, type=ColumnType.NUMBER, nullable=False) for name in names)
    reader = RowsReader(SCHEMA.model_copy(update={"inputs": inputs}), limit=3)
    row = {name: float(position) for position, name in enumerate(names)}
    for body in (row, [row], {"rows": [row]}):
        columns = reader.read(json.dumps(body, ensure_ascii=False).encode()).columns
        assert {name: column[0] for name, column in columns.items()} == row


def test_answers_name_the_class_and_how_likely_each_class_is():
    answers = Answers([True], np.array([[0.25, 0.75]]))
    assert json.loads(write_predictions(answers, SCHEMA, "flight-delay", "flight-delay-1")) == {
        "predictions": [{"prediction": True, "probabilities": {"false": 0.25, "true": 0.75}}],
        "model": "flight-delay",
        "version": "flight-delay-1",
    }


def test_numbers_are_written_with_every_digit():
    schema = ModelSchema(problem=Problem.REGRESSION, target="delay", inputs=INPUTS)
    body = write_predictions(Answers([0.1 + 0.2], None), schema, "m", "v")
    assert json.loads(body)["predictions"] == [{"prediction": 0.1 + 0.2}]
