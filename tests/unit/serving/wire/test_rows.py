import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from builders.small_model import INPUTS, ROW, schema
from perennial.api.column_type import ColumnType
from perennial.api.scalars import ColumnName
from perennial.artifacts.model_schema import Input
from perennial_serving.model.batch import Batch
from perennial_serving.wire.cell_types import ParsedRows
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.rows import RowsReader, documented_rows
from perennial_serving.wire.to_batch import BatchBuilder

READER = RowsReader(schema(), limit=3)
MORNING = 1357376400.0  # 2013-01-05T09:00:00Z


def read(value, reader: RowsReader = READER):
    return reader.read(value if isinstance(value, bytes) else json.dumps(value).encode())


def _is_column_name(text: str) -> bool:
    try:
        return bool(TypeAdapter(ColumnName).validate_python(text))
    except ValidationError:
        return False


def batch_of(asked: ParsedRows, described=None) -> Batch:
    return BatchBuilder(described or schema()).build([asked]).batch


def refusal(value) -> tuple[str, str | None]:
    with pytest.raises(RequestError) as refused:
        read(value)
    return refused.value.error, refused.value.path


def without(name: str) -> dict:
    return {key: value for key, value in ROW.items() if key != name}


def cell(row: dict, column: str):
    """Return what became of one value of one row."""
    batch = batch_of(read(row))
    numbers = [one.name for one in INPUTS if not one.is_category]
    if column in numbers:
        return batch.numbers[0, numbers.index(column)]
    return batch.texts[["carrier", "dest"].index(column)][0]


@pytest.mark.parametrize(
    "body", [{"rows": [ROW]}, [ROW], ROW, f' {{ "rows" :\n[{json.dumps(ROW)}]}}'.encode()]
)
def test_rows_come_in_an_envelope_in_a_list_or_alone(body):
    batch = batch_of(read(body))
    assert batch.numbers.tolist() == [[12.5, 1400, 0, MORNING]]
    assert list(map(list, batch.texts)) == [["UA"], ["IAH"]]
    assert batch.codes.tolist() == [[1, 0]]


def test_the_order_of_the_keys_is_of_no_account():
    one, other = batch_of(read(ROW)), batch_of(read(dict(reversed(ROW.items()))))
    assert (one.numbers == other.numbers).all()
    assert one.texts == other.texts


def test_a_value_may_be_null_or_absent_only_where_it_may_be_missing():
    for row in ({**ROW, "dest": None, "dep_delay": None}, without("dest") | {"dep_delay": None}):
        assert cell(row, "dest") is None
        assert np.isnan(cell(row, "dep_delay"))
    assert refusal({**ROW, "carrier": None}) == ("Expected `string`, got `null`", "$.carrier")
    assert refusal(without("carrier")) == ("this field is missing", "$.carrier")


def test_the_path_of_a_mistake_follows_the_form_of_the_body():
    invalid = {**ROW, "dep_delay": "late"}
    assert refusal({"rows": [ROW, invalid]})[1] == "$.rows[1].dep_delay"
    assert refusal([ROW, invalid])[1] == "$[1].dep_delay"
    assert refusal(invalid)[1] == "$.dep_delay"


def test_a_row_can_be_found_again():
    assert read({"rows": [ROW, ROW]}).path_of(1, "distance") == "$.rows[1].distance"
    assert read([ROW]).path_of(0, None) == "$[0]"
    assert read(ROW).path_of(0, "dest") == "$.dest"


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
    assert cell({**ROW, "distance": 1400.0}, "distance") == 1400


def test_a_time_without_a_zone_is_utc():
    assert cell({**ROW, "time_hour": "2013-01-05T09:00:00"}, "time_hour") == MORNING
    assert cell({**ROW, "time_hour": "2013-01-05T10:00:00+01:00"}, "time_hour") == MORNING


def test_an_unknown_column_is_refused():
    assert refusal({**ROW, "seats": 1}) == ("there is no such field", "$.seats")
    assert refusal({"rows": [ROW], "id": 1})[1] == "$.id"


def twice(row: dict, column: str) -> bytes:
    return json.dumps(row).encode()[:-1] + f', "{column}": {json.dumps(row[column])}}}'.encode()


def test_a_column_given_twice_is_refused():
    error = "this field is given twice"
    assert refusal(twice(ROW, "distance")) == (error, "$.distance")
    body = b'{"rows": [%b, %b]}' % (json.dumps(ROW).encode(), twice(ROW, "dest"))
    assert refusal(body) == (error, "$.rows[1].dest")


@pytest.mark.parametrize("space", [b" ", b"  ", b"\t", b"\r\n"])
def test_blanks_before_a_colon_hide_no_column_given_twice(space: bytes):
    row = twice(ROW, "distance")[:-1].rpartition(b":")
    spaced = row[0] + space + b":5}"
    for body in (spaced, b'{"rows":[%b]}' % spaced, b'{"rows": [%b]}' % spaced):
        error, path = refusal(body)
        assert error == "this field is given twice"
        assert path.endswith(".distance")


@pytest.mark.parametrize("indent", [1, "\t"])
def test_a_pretty_body_is_read_like_any_other(indent):
    body = json.dumps({"rows": [ROW, ROW]}, indent=indent, separators=(", ", " : ")).encode()
    assert batch_of(read(body)).numbers[:, 1].tolist() == [1400, 1400]


@given(
    names=st.lists(st.from_type(str).filter(_is_column_name), min_size=1, max_size=3, unique=True)
)
def test_every_name_that_a_dataset_may_give_a_column_is_read(names):
    inputs = tuple(Input(name=name, type=ColumnType.NUMBER, nullable=False) for name in names)
    reader = RowsReader(schema(inputs=inputs), limit=3)
    row = {name: float(place) for place, name in enumerate(names)}
    assert [*read({"rows": [row]}, reader).rows[0]] == [*row.values()]
    documented_rows(schema(inputs=inputs), 3)


def test_a_column_given_twice_is_seen_although_another_was_left_out():
    assert refusal(twice({**without("dest"), "weekend": None}, "distance"))[1] == "$.distance"


@pytest.mark.parametrize("text", ['":', 'null":', "null"])
def test_texts_that_look_like_keys_are_only_texts(text: str):
    assert cell({**ROW, "carrier": text}, "carrier") == text


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
    described = schema(inputs=inputs)
    reader = RowsReader(described, limit=3)
    row = {name: float(position) for position, name in enumerate(names)}
    for body in (row, [row], {"rows": [row]}):
        text = json.dumps(body, ensure_ascii=False).encode()
        assert batch_of(read(text, reader), described).numbers.tolist() == [list(row.values())]


def test_the_time_column_may_come_along_although_the_model_does_not_look_at_it():
    described = schema(time_column="booked_at")
    reader = RowsReader(described, limit=3)
    timed = {**ROW, "booked_at": "2013-01-05T09:00:00Z"}
    for rows in ([timed, ROW], {"rows": [timed, ROW]}):
        batch, times = BatchBuilder(described).build([read(rows, reader)])
        assert times == [MORNING, None]
        assert (batch.numbers == batch_of(read([ROW, ROW])).numbers).all()
    assert len(read(ROW).rows[0]) == len(INPUTS)


def test_a_time_given_twice_is_refused():
    reader = RowsReader(schema(time_column="booked_at"), limit=3)
    timed = twice({**ROW, "booked_at": "2013-01-05T09:00:00Z"}, "booked_at")
    for first in (ROW, {**ROW, "booked_at": None}):
        with pytest.raises(RequestError, match="twice") as refused:
            reader.read(b'{"rows": [%b, %b]}' % (json.dumps(first).encode(), timed))
        assert refused.value.path == "$.rows[1].booked_at"
