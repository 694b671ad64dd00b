"""`POST /predict`: rows as objects, for people with curl and for programs without a library."""

import re
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec.structs import astuple

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.cell_types import (
    CELL_TYPES,
    Asked,
    check_count,
    has_fraction,
    is_fraction,
    own_time,
)
from perennial_serving.wire.datatypes import BOUNDS
from perennial_serving.wire.error_location import place_of_repeated_key
from perennial_serving.wire.errors import Refusal, decode

Decoder = msgspec.json.Decoder[Any]
Rows = list[tuple[Any, ...]]

# no column holds lists or objects: this is the envelope, even where a column is called rows
_USUAL_ENVELOPES: Final = (b'{"rows":[{', b'{"rows": [{')
_ENVELOPE: Final = re.compile(rb'\s*\{\s*"rows"\s*:\s*[\[{]')
_LIST: Final = re.compile(rb"\s*\[")
_IN_ENVELOPE: Final = "$.rows[{}]"

_LOWEST, _HIGHEST = BOUNDS["INT64"]
_PLAIN_TYPES: Final[dict[ColumnType, Any]] = {
    **CELL_TYPES,
    ColumnType.INTEGER: Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)],
}


def _place(at: str, row: int, column: str | None) -> str:
    return at.format(row) if column is None else f"{at.format(row)}.{column}"


_PLACE_IN_ENVELOPE: Final = partial(_place, _IN_ENVELOPE)


class RowsReader:
    """Reads `{"rows": [...]}`, a bare list of rows, or one row."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        """Turn the schema into decoders that check while they parse."""
        fields = (*schema.numbers, *schema.texts, *own_time(schema))
        self._limit = limit
        self._inputs = len(schema.inputs)
        self._has_own_time = len(fields) > len(schema.inputs)
        self._width = len(fields)
        self._names = [one.name for one in fields]
        self._integers = [at for at, one in enumerate(fields) if one.type is ColumnType.INTEGER]
        row: Any = _row_type(fields)
        rows: Any = list[row]
        self._row: Decoder = msgspec.json.Decoder(row)
        self._list: Decoder = msgspec.json.Decoder(rows)
        self._envelope: Decoder = msgspec.json.Decoder(_envelope(row))
        self._plain: Decoder = msgspec.json.Decoder(
            _envelope(_plain_row_type(fields, len(schema.inputs)))
        )

    def read(self, body: bytes) -> Asked:
        """Return the rows, or refuse them with the path of the mistake."""
        if (asked := self._plain_rows(body)) is not None:
            return asked
        rows, at = self._any_rows(body)
        return Asked(rows, partial(_place, at))

    def _plain_rows(self, body: bytes) -> Asked | None:
        """Return rows that are spelled as most are: each with all inputs, each input once."""
        if not body.startswith(_USUAL_ENVELOPES):
            return None
        try:
            structs = self._plain.decode(body).rows
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        rows: Rows = list(map(astuple, structs))
        keys = 1 + len(rows) * self._inputs
        if self._has_own_time:
            keys += len(rows) - [row[-1] for row in rows].count(None)
        # more keys than these: a parser keeps the last of two
        if body.count(b'":') != keys or not 0 < len(rows) <= self._limit:
            return None
        return Asked(rows, _PLACE_IN_ENVELOPE)

    def _any_rows(self, body: bytes) -> tuple[Rows, str]:
        """Return the rows, and how the path of one is written."""
        structs, at = self._structs(body)
        check_count(len(structs), self._limit, at.removesuffix("[{}]"))
        rows: Rows = list(map(astuple, structs))
        self._refuse_repeated_keys(body, rows, at)
        if has_fraction([[row[place] for row in rows] for place in self._integers]):
            raise self._fraction(rows, at)
        return rows, at

    def _structs(self, body: bytes) -> tuple[list[Any], str]:
        if body.startswith(_USUAL_ENVELOPES) or _ENVELOPE.match(body):
            return decode(self._envelope, body).rows, _IN_ENVELOPE
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


def _envelope(row: Any) -> type:  # noqa: ANN401 - a type made at run time
    return msgspec.defstruct("Rows", [("rows", list[row])], forbid_unknown_fields=True)


def _row_type(fields: tuple[Input, ...]) -> type:
    return _struct(fields, [_field(_attribute(at), one) for at, one in enumerate(fields)])


def _plain_row_type(fields: tuple[Input, ...], inputs: int) -> type:
    """All inputs are there, whole numbers without a point; only the row's own time may lack."""
    attributes: list[Any] = []
    for at, one in enumerate(fields):
        kind = _PLAIN_TYPES[one.type]
        attributes.append((_attribute(at), kind | None if one.nullable else kind))
    own_times = [(name, kind, None) for name, kind in attributes[inputs:]]
    return _struct(fields, [*attributes[:inputs], *own_times])


def _struct(fields: tuple[Input, ...], attributes: list[Any]) -> type:
    names = {_attribute(place): one.name for place, one in enumerate(fields)}
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
