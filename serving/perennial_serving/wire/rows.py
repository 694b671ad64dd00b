"""`POST /predict`: rows as objects, for people with curl and for programs without a library."""

import re
from operator import attrgetter
from typing import Any, Final

import msgspec

from perennial.api.dataset import ColumnType
from perennial.artifacts.answers import Answers
from perennial.artifacts.schema import Input, ModelSchema
from perennial_serving.wire.columns import CELL_TYPES, Table, check_count, first, is_fraction
from perennial_serving.wire.errors import Refusal, decode

Decoder = msgspec.json.Decoder[Any]

# no column holds lists or objects: this is the envelope, even where a column is called rows
_ENVELOPE: Final = re.compile(rb'\s*\{\s*"rows"\s*:\s*[\[{]')
_LIST: Final = re.compile(rb"\s*\[")


class RowsReader:
    """Reads `{"rows": [...]}`, a bare list of rows, or one row."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        """Turn the schema into decoders that check while they parse."""
        row: Any = _row_type(schema.inputs)
        rows: Any = list[row]
        envelope = msgspec.defstruct("Rows", [("rows", rows)], forbid_unknown_fields=True)
        self._inputs = schema.inputs
        self._limit = limit
        self._row: Decoder = msgspec.json.Decoder(row)
        self._list: Decoder = msgspec.json.Decoder(rows)
        self._envelope: Decoder = msgspec.json.Decoder(envelope)

    def read(self, body: bytes) -> Table:
        """Return the rows by column, or refuse them with the path of the mistake."""
        rows, at = self._rows(body)
        check_count(len(rows), self._limit, at.removesuffix("[{}]"))
        table = Table({}, len(rows))
        for index, one in enumerate(self._inputs):
            column = list(map(attrgetter(_attribute(index)), rows))
            if one.type is ColumnType.INTEGER and (row := first(column, is_fraction)) is not None:
                path = f"{at.format(row)}.{one.name}"
                raise Refusal("Expected `integer`, got `number`", path)
            table.columns[one.name] = column
        return table

    def _rows(self, body: bytes) -> tuple[list[Any], str]:
        """Return the rows, and how the path of one is written."""
        if _ENVELOPE.match(body):
            return decode(self._envelope, body).rows, "$.rows[{}]"
        if _LIST.match(body):
            return decode(self._list, body), "$[{}]"
        return [decode(self._row, body)], "$"


def write_predictions(answers: Answers, schema: ModelSchema, model: str, version: str) -> bytes:
    """Return the body that answers rows: one object for each."""
    predictions = list(answers.spelled(schema))
    return msgspec.json.encode({"predictions": predictions, "model": model, "version": version})


def _row_type(inputs: tuple[Input, ...]) -> Any:  # noqa: ANN401 - a type made at run time
    names = {_attribute(index): one.name for index, one in enumerate(inputs)}
    fields = [_field(_attribute(index), one) for index, one in enumerate(inputs)]
    return msgspec.defstruct(
        "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _field(attribute: str, one: Input) -> Any:  # noqa: ANN401 - a tuple of two or three
    """A column whose values may be missing may be left out, too; any other must be there."""
    kind = CELL_TYPES[one.type]
    return (attribute, kind | None, None) if one.nullable else (attribute, kind)


def _attribute(index: int) -> str:
    """Name a column's attribute: column names are free text, attributes are not."""
    return f"c{index}"
