"""What the values of a column can be."""

from enum import StrEnum


class ColumnType(StrEnum):
    """What the values of a column are."""

    NUMBER = "Number"
    INTEGER = "Integer"
    CATEGORY = "Category"
    BOOLEAN = "Boolean"
    TIMESTAMP = "Timestamp"
