"""Type inference for undeclared columns: the narrowest type of all values."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from perennial.api.column_type import ColumnType
from perennial.jobs.snapshot.columns.conversion import is_readable, plain_cells, typed

# At most 18 digits, so that every value fits; no leading zero: 007 is a Category.
_INTEGER: Final = r"^-?(0|[1-9][0-9]{0,17})$"
_NUMBER: Final = r"^[+-]?((0|[1-9][0-9]{0,17})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_BOOLEAN: Final = r"(?i)^(true|false)$"
_TIMESTAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:|$)"

_NUMERIC: Final = {ColumnType.INTEGER, ColumnType.NUMBER}


class Inference:
    """Types of the values of one column so far."""

    def __init__(self, decimal: str, *, is_text: bool) -> None:
        """Take the decimal separator, and whether the format has no types of its own."""
        self._decimal = decimal
        self._is_text = is_text
        self._seen: set[ColumnType] = set()
        self._has_texts = False
        self.unreadable_form: str | None = None
        """Arrow type of values without a column type, if there were any."""

    @property
    def needs_rows(self) -> bool:
        """Whether further values can still change the type."""
        return self._has_texts and ColumnType.CATEGORY not in self._seen

    def look_at_form(self, form: pa.DataType) -> None:
        """Add the type of a header; the meaning of texts depends on the rows."""
        if not is_readable(form):
            self.unreadable_form = str(form)
            return
        plain = plain_cells(pa.nulls(0, form))
        if pa.types.is_null(plain.type):
            return
        if pa.types.is_string(plain.type):
            self._has_texts = True
        else:
            self._seen.add(self._narrowest(plain))

    def look(self, cells: pa.Array) -> None:
        """Add further values."""
        if not is_readable(cells.type):
            self.unreadable_form = str(cells.type)
            return
        plain = plain_cells(cells)
        if plain.null_count < len(plain) and ColumnType.CATEGORY not in self._seen:
            self._seen.add(self._narrowest(plain))

    def type(self) -> ColumnType | None:
        """Return the type that fits all values; None if there are none."""
        if not self._seen:
            return None
        if len(self._seen) == 1:
            return next(iter(self._seen))
        return ColumnType.NUMBER if self._seen == _NUMERIC else ColumnType.CATEGORY

    def _narrowest(self, plain: pa.Array) -> ColumnType:
        if pa.types.is_string(plain.type):
            return self._narrowest_of_text(plain)
        if pa.types.is_boolean(plain.type):
            return ColumnType.BOOLEAN
        if pa.types.is_integer(plain.type):
            return ColumnType.INTEGER
        return ColumnType.TIMESTAMP if pa.types.is_timestamp(plain.type) else ColumnType.NUMBER

    def _narrowest_of_text(self, texts: pa.Array) -> ColumnType:
        trimmed = pc.utf8_trim_whitespace(texts)
        if _all_match(trimmed, _TIMESTAMP) and _all_read(trimmed, ColumnType.TIMESTAMP):
            return ColumnType.TIMESTAMP
        if not self._is_text:
            return ColumnType.CATEGORY
        if _all_match(trimmed, _INTEGER):
            return ColumnType.INTEGER
        if self._all_numbers(trimmed):
            return ColumnType.NUMBER
        return ColumnType.BOOLEAN if _all_match(trimmed, _BOOLEAN) else ColumnType.CATEGORY

    def _all_numbers(self, texts: pa.Array) -> bool:
        if self._decimal != ".":
            texts = pc.replace_substring(texts, pattern=".", replacement="_")
            texts = pc.replace_substring(texts, pattern=self._decimal, replacement=".")
        return _all_match(texts, _NUMBER)


def _all_match(texts: pa.Array, pattern: str) -> bool:
    # a few values are enough to rule out most patterns
    return _match(texts[:64], pattern) and _match(texts, pattern)


def _match(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _all_read(texts: pa.Array, wanted: ColumnType) -> bool:
    return not pc.any(typed(texts, wanted).unreadable).as_py()
