"""Parsers of numbers, booleans and times written as text."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from perennial.api.column_type import ColumnType
from perennial.artifacts.rows import ARROW_TYPES

T = TypeVar("T")

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"([+-]?\d+)(\.0*)?", re.ASCII)
_TIMESTAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)
_LARGEST: Final = 2**63 - 1
_TRUE: Final = pa.array(["true", "t", "yes", "y", "1", "1.0"])
_FALSE: Final = pa.array(["false", "f", "no", "n", "0", "0.0"])


def number_of_text(texts: pa.Array, decimal: str) -> pa.Array:
    """Parse numbers such as ``-1.5e3``; thousands separators are not accepted."""
    texts = pc.utf8_trim_whitespace(texts)
    if decimal != ".":
        # with a decimal comma, a point would be a thousands separator
        texts = pc.replace_substring(texts, pattern=".", replacement="_")
        texts = pc.replace_substring(texts, pattern=decimal, replacement=".")
    numbers = _numbers(texts)
    # Arrow parses inf and nan, which are not numbers here
    return pc.if_else(pc.is_finite(numbers), numbers, None)


def integer_of_text(texts: pa.Array) -> pa.Array:
    """Parse integers, and ``517.0``, which pandas writes in columns with missing values."""
    texts = pc.utf8_trim_whitespace(texts)
    hexadecimal = pc.any(pc.match_substring_regex(texts, "[xX]")).as_py()
    with suppress(pa.ArrowInvalid):
        if not hexadecimal:
            return texts.cast(pa.int64())
    return _one_by_one(texts, _one_integer, pa.int64())


def boolean_of_text(texts: pa.Array) -> pa.Array:
    """Parse true, t, yes, y, 1 and their opposites, in any case."""
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    is_true = pc.is_in(lower, _TRUE)
    return pc.if_else(pc.or_(is_true, pc.is_in(lower, _FALSE)), is_true, None)


def timestamp_of_text(texts: pa.Array) -> pa.Array:
    """Parse dates and times of ISO 8601; without a zone they are in UTC."""
    wanted = ARROW_TYPES[ColumnType.TIMESTAMP]
    texts = pc.utf8_trim_whitespace(texts)
    for form in (wanted, pa.timestamp("us")):
        with suppress(pa.ArrowInvalid):
            return texts.cast(form).cast(wanted)
    return _one_by_one(texts, _one_timestamp, wanted)


def _numbers(texts: pa.Array) -> pa.Array:
    with suppress(pa.ArrowInvalid):
        return texts.cast(pa.float64())
    return _one_by_one(texts, _one_number, pa.float64())


def _one_by_one(texts: pa.Array, read: Callable[[str], T | None], kind: pa.DataType) -> pa.Array:
    encoded = texts.dictionary_encode()
    values = [read(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, kind).take(encoded.indices)


def _one_number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _one_integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None or len(match[1]) > len(str(_LARGEST)) + 1:
        return None
    number = int(match[1])
    return number if -_LARGEST - 1 <= number <= _LARGEST else None


def _one_timestamp(text: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
