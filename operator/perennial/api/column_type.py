"""The types of a column's values."""

from enum import StrEnum


class ColumnType(StrEnum):
    """Type of a column's values."""

    NUMBER = "Number"
    INTEGER = "Integer"
    CATEGORY = "Category"
    BOOLEAN = "Boolean"
    TIMESTAMP = "Timestamp"
