"""Inputs and outputs of a model: the file ``schema.json`` of an artifact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.api.scalars import ColumnName
from perennial.artifacts.document import Document

SCHEMA_FILE = "schema.json"

Label = bool | int | str
"""A class of a classification, as a JSON value."""

Cell = bool | int | float | str | datetime | None
"""One value of a row."""

Row = Mapping[str, Cell]
"""A row as JSON: values by column."""


Finite = Annotated[float, Field(allow_inf_nan=False)]


class Input(Document):
    """One input column of the model."""

    name: ColumnName
    """Name of the column."""
    type: ColumnType
    """Type of its values."""
    nullable: bool
    """Whether values may be missing."""
    categories: tuple[str, ...] | None = None
    """Every value of a Category in the training rows, sorted; None for other types."""
    minimum: Finite | None = None
    """Smallest value of the training rows; a Timestamp in seconds since 1970, true as 1."""
    maximum: Finite | None = None
    """Largest value of the training rows."""
    contract_minimum: Finite | None = None
    """Minimum of the Dataset's contract, if it has one."""
    contract_maximum: Finite | None = None
    """Maximum of the Dataset's contract, if it has one."""
    contract_categories: tuple[str, ...] | None = None
    """Allowed values of the Dataset's contract, if it lists them."""

    @property
    def is_category(self) -> bool:
        """Whether its values are texts; the values of every other type are numbers."""
        return self.type is ColumnType.CATEGORY


class ModelSchema(Document):
    """The input columns of a model, in order, and its possible answers."""

    problem: Problem
    """Classification or regression."""
    target: ColumnName
    """Column that the model predicts."""
    classes: tuple[Label, ...] | None = None
    """The classes, in the order of the probabilities; None for a regression."""
    positive_class: Label | None = None
    """The positive class; None unless there are two classes."""
    inputs: tuple[Input, ...] = Field(min_length=1)
    """The columns, in the order of the fit."""
    time_column: ColumnName | None = None
    """Column with the time of each row: not an input, but clients may send it."""

    @property
    def numbers(self) -> tuple[Input, ...]:
        """The inputs whose values are numbers, in the order of a Batch."""
        return tuple(column for column in self.inputs if not column.is_category)

    @property
    def texts(self) -> tuple[Input, ...]:
        """The inputs whose values are texts, in the order of a Batch."""
        return tuple(column for column in self.inputs if column.is_category)


def label_text(label: Label) -> str:
    """Return a class as a JSON key: ``true``, ``3``, ``late``."""
    return str(label).lower() if isinstance(label, bool) else str(label)
