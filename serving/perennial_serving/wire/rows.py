"""Reads the rows of `POST /predict`: JSON objects, as curl and simple clients send them."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec.structs import astuple

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.cell_types import (
    CELL_TYPES,
    ParsedRows,
    check_count,
    extra_time_input,
    has_fraction,
    is_fraction,
)
from perennial_serving.wire.datatypes import BOUNDS
from perennial_serving.wire.error_location import path_of_repeated_key
from perennial_serving.wire.errors import RequestError, decode

Decoder = msgspec.json.Decoder[Any]
Rows = list[tuple[Any, ...]]

# columns hold no lists or objects, so this is the envelope even if a column is named `rows`
_USUAL_ENVELOPES: Final = (b'{"rows":[{', b'{"rows": [{')
_ENVELOPE: Final = re.compile(rb'\s*\{\s*"rows"\s*:\s*[\[{]')
_LIST: Final = re.compile(rb"\s*\[")
_ENVELOPE_PATH: Final = "$.rows[{}]"

_KEY: Final = re.compile(rb'"[ \t\n\r]*:')

_LOWEST, _HIGHEST = BOUNDS["INT64"]
_PLAIN_TYPES: Final[dict[ColumnType, Any]] = {
    **CELL_TYPES,
    ColumnType.INTEGER: Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)],
}
_DOCUMENTED_TYPES: Final[dict[ColumnType, Any]] = {
    **CELL_TYPES,
    ColumnType.INTEGER: int,  # without bounds: what fits no INT64 is read as a float
    ColumnType.TIMESTAMP: Annotated[
        datetime, msgspec.Meta(extra_json_schema={"format": "date-time"})
    ],
}


def _path_of(at: str, row: int, column: str | None) -> str:
    return at.format(row) if column is None else f"{at.format(row)}.{column}"


_PATH_IN_ENVELOPE: Final = partial(_path_of, _ENVELOPE_PATH)


class RowsReader:
    """Reads `{"rows": [...]}`, a bare list of rows, or one row."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        fields = (*schema.numbers, *schema.texts, *extra_time_input(schema))
        self._limit = limit
        self._inputs = len(schema.inputs)
        self._has_own_time = len(fields) > len(schema.inputs)
        self._width = len(fields)
        self._names = [column.name for column in fields]
        self._integers = [
            at for at, column in enumerate(fields) if column.type is ColumnType.INTEGER
        ]
        row: Any = _row_type(fields)
        rows: Any = list[row]
        self._row: Decoder = msgspec.json.Decoder(row)
        self._list: Decoder = msgspec.json.Decoder(rows)
        self._envelope: Decoder = msgspec.json.Decoder(_envelope(row))
        self._plain: Decoder = msgspec.json.Decoder(
            _envelope(_plain_row_type(fields, len(schema.inputs)))
        )

    def read(self, body: bytes) -> ParsedRows:
        """Return the rows; raise a RequestError with the path of the first mistake."""
        if (parsed := self._read_plain(body)) is not None:
            return parsed
        rows, at = self._read_any(body)
        return ParsedRows(rows, partial(_path_of, at))

    def _read_plain(self, body: bytes) -> ParsedRows | None:
        """Return the rows if each has all inputs exactly once, else None."""
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
        # a surplus of keys means a repeated one, of which the parser keeps the last
        if _count_keys(body) != keys or not 0 < len(rows) <= self._limit:
            return None
        return ParsedRows(rows, _PATH_IN_ENVELOPE)

    def _read_any(self, body: bytes) -> tuple[Rows, str]:
        """Return the rows, and the format of a row's path."""
        structs, at = self._structs(body)
        check_count(len(structs), self._limit, at.removesuffix("[{}]"))
        rows: Rows = list(map(astuple, structs))
        self._refuse_repeated_keys(body, rows, at)
        if has_fraction([[row[at] for row in rows] for at in self._integers]):
            raise self._fraction(rows, at)
        return rows, at

    def _structs(self, body: bytes) -> tuple[list[Any], str]:
        if body.startswith(_USUAL_ENVELOPES) or _ENVELOPE.match(body):
            return decode(self._envelope, body).rows, _ENVELOPE_PATH
        if _LIST.match(body):
            return decode(self._list, body), "$[{}]"
        return [decode(self._row, body)], "$"

    def _refuse_repeated_keys(self, body: bytes, rows: Rows, at: str) -> None:
        """Parse again only if there are surplus keys: the parser keeps the last of two."""
        surplus = _count_keys(body) - at.startswith("$.rows") - len(rows) * self._width
        missing = sum([row.count(None) for row in rows])
        if surplus + missing <= 0:
            return
        left_out = max(0, missing - body.count(b"null"))
        if surplus + left_out > 0 and (path := path_of_repeated_key(body, "$")):
            raise RequestError("this field is given twice", path)

    def _fraction(self, rows: Rows, path_format: str) -> RequestError:
        """Return the error for the first fraction in an integer column."""
        index, at = next(
            (index, at)
            for index, row in enumerate(rows)
            for at in self._integers
            if is_fraction(row[at])
        )
        path = _path_of(path_format, index, self._names[at])
        return RequestError("Expected `integer`, got `number`", path)


def _count_keys(body: bytes) -> int:
    """Count the keys of JSON, and perhaps texts that look like one: never too few."""
    if b"\t" in body or b"\n" in body or b"\r" in body or b" :" in body:
        return len(_KEY.findall(body))
    return body.count(b'":')


def _envelope(row: Any, limits: msgspec.Meta | None = None) -> type:  # noqa: ANN401 - a type
    rows: Any = list[row] if limits is None else Annotated[list[row], limits]
    return msgspec.defstruct("Rows", [("rows", rows)], forbid_unknown_fields=True)


def documented_rows(schema: ModelSchema, limit: int) -> type:
    """Return the type of a request for its JSON schema, with integers as such."""
    fields = (*schema.inputs, *extra_time_input(schema))
    row: Any = _row_type(fields, _DOCUMENTED_TYPES)
    return _envelope(row, msgspec.Meta(min_length=1, max_length=limit))


def _row_type(fields: tuple[Input, ...], types: Mapping[ColumnType, Any] = CELL_TYPES) -> type:
    return _struct(
        fields, [_field(_attribute(at), column, types) for at, column in enumerate(fields)]
    )


def _plain_row_type(fields: tuple[Input, ...], inputs: int) -> type:
    """All inputs are required and integers have no point; only the time may be omitted."""
    attributes: list[Any] = []
    for at, column in enumerate(fields):
        kind = _PLAIN_TYPES[column.type]
        attributes.append((_attribute(at), kind | None if column.nullable else kind))
    own_times = [(name, kind, None) for name, kind in attributes[inputs:]]
    return _struct(fields, [*attributes[:inputs], *own_times])


def _struct(fields: tuple[Input, ...], attributes: list[Any]) -> type:
    names = {_attribute(at): column.name for at, column in enumerate(fields)}
    return msgspec.defstruct(
        "Row", attributes, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _field(attribute: str, column: Input, types: Mapping[ColumnType, Any]) -> tuple[Any, ...]:
    """A nullable column may be omitted; any other is required."""
    kind = types[column.type]
    return (attribute, kind | None, None) if column.nullable else (attribute, kind)


def _attribute(at: int) -> str:
    """Return the attribute of a column: column names are free text, attributes are not."""
    return f"c{at}"
