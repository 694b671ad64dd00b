"""`POST /predict`: rows as objects, for people with curl and for programs without a library."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from perennial.api.column_type import ColumnType
from perennial.artifacts.schema import Input, ModelSchema
from perennial_serving.columns import Columns
from perennial_serving.wire.cells import (
    CELL_TYPES,
    Asked,
    check_count,
    has_fraction,
    is_fraction,
    own_time,
    seconds,
)
from perennial_serving.wire.errors import Refusal, decode
from perennial_serving.wire.second_look import place_of_repeated_key

Decoder = msgspec.json.Decoder[Any]
Rows = list[tuple[Any, ...]]

# no column holds lists or objects: this is the envelope, even where a column is called rows
_USUAL_ENVELOPES: Final = (b'{"rows":[{', b'{"rows": [{')
_ENVELOPE: Final = re.compile(rb'\s*\{\s*"rows"\s*:\s*[\[{]')
_LIST: Final = re.compile(rb"\s*\[")


class RowsReader:
    """Reads `{"rows": [...]}`, a bare list of rows, or one row."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        """Turn the schema into decoders that check while they parse."""
        fields = (*schema.numbers, *schema.texts, *own_time(schema))
        row: Any = _row_type(fields)
        rows: Any = list[row]
        envelope = msgspec.defstruct("Rows", [("rows", rows)], forbid_unknown_fields=True)
        self._columns = Columns(schema)
        self._limit = limit
        self._numbers = len(schema.numbers)
        self._texts = slice(self._numbers, len(schema.inputs))
        self._width = len(fields)
        self._names = [one.name for one in fields]
        self._integers = _places(fields, ColumnType.INTEGER)
        self._moments = _places(fields, ColumnType.TIMESTAMP)
        self._has_own_time = len(fields) > len(schema.inputs)
        self._row: Decoder = msgspec.json.Decoder(row)
        self._list: Decoder = msgspec.json.Decoder(rows)
        self._envelope: Decoder = msgspec.json.Decoder(envelope)

    def read(self, body: bytes) -> Asked:
        """Return the rows, or refuse them with the path of the mistake."""
        structs, at = self._structs(body)
        check_count(len(structs), self._limit, at.removesuffix("[{}]"))
        rows: Rows = list(map(astuple, structs))
        self._refuse_repeated_keys(body, rows, at)
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        if has_fraction([columns[place] for place in self._integers]):
            raise self._fraction(rows, at)
        for place in self._moments:
            columns[place] = list(map(seconds, columns[place]))
        batch = self._columns.of_columns(columns[: self._numbers], columns[self._texts])
        times = columns[-1] if self._has_own_time else None
        return Asked(batch, partial(_place, at), times)

    def _structs(self, body: bytes) -> tuple[list[Any], str]:
        """Return the rows, and how the path of one is written."""
        if body.startswith(_USUAL_ENVELOPES) or _ENVELOPE.match(body):
            return decode(self._envelope, body).rows, "$.rows[{}]"
        if _LIST.match(body):
            return decode(self._list, body), "$[{}]"
        return [decode(self._row, body)], "$"

    def _refuse_repeated_keys(self, body: bytes, rows: Rows, at: str) -> None:
        """Look again only if there are more keys than columns: a parser keeps the last of two."""
        surplus = body.count(b'":') - at.startswith("$.rows") - len(rows) * self._width
        missing = sum([row.count(None) for row in rows])
        if surplus + missing <= 0:
            return
        left_out = max(0, missing - body.count(b"null"))
        if surplus + left_out > 0 and (path := place_of_repeated_key(body, "$")):
            raise Refusal("this field is given twice", path)

    def _fraction(self, rows: Rows, at: str) -> Refusal:
        """Return the refusal of the first fraction where whole numbers belong."""
        index, place = next(
            (index, place)
            for index, row in enumerate(rows)
            for place in self._integers
            if is_fraction(row[place])
        )
        path = _place(at, index, self._names[place])
        return Refusal("Expected `integer`, got `number`", path)


def _place(at: str, row: int, column: str | None) -> str:
    return at.format(row) if column is None else f"{at.format(row)}.{column}"


def _places(fields: tuple[Input, ...], kind: ColumnType) -> list[int]:
    return [place for place, one in enumerate(fields) if one.type is kind]


def _row_type(fields: tuple[Input, ...]) -> Any:  # noqa: ANN401 - a type made at run time
    names = {_attribute(place): one.name for place, one in enumerate(fields)}
    attributes = [_field(_attribute(place), one) for place, one in enumerate(fields)]
    return msgspec.defstruct(
        "Row", attributes, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _field(attribute: str, one: Input) -> Any:  # noqa: ANN401 - a tuple of two or three
    """A column whose values may be missing may be left out, too; any other must be there."""
    kind = CELL_TYPES[one.type]
    return (attribute, kind | None, None) if one.nullable else (attribute, kind)


def _attribute(place: int) -> str:
    """Name a column's attribute: column names are free text, attributes are not."""
    return f"c{place}"
