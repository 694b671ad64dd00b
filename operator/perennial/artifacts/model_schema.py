"""What a model takes and answers: the file ``schema.json`` of an artifact."""

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
"""A class of a classification, as JSON spells it."""

Cell = bool | int | float | str | datetime | None
"""One value of a row."""

Row = Mapping[str, Cell]
"""A row as it stands on the wire: values by column."""


Finite = Annotated[float, Field(allow_inf_nan=False)]


class Input(Document):
    """One column that the model looks at."""

    name: ColumnName
    """Name of the column."""
    type: ColumnType
    """What its values are."""
    nullable: bool
    """Whether values may be missing."""
    categories: tuple[str, ...] | None = None
    """Every value of a Category among the training rows, sorted; absent for other types."""
    minimum: Finite | None = None
    """Smallest value among the training rows; a Timestamp in seconds of 1970, true is 1."""
    maximum: Finite | None = None
    """Largest value among the training rows."""
    contract_minimum: Finite | None = None
    """Smallest value that the Dataset's contract lets through, where it says so."""
    contract_maximum: Finite | None = None
    """Largest value that the Dataset's contract lets through, where it says so."""
    contract_categories: tuple[str, ...] | None = None
    """Values that the Dataset's contract lets through, where it lists them."""

    @property
    def is_category(self) -> bool:
        """Whether its values are texts; the values of every other type are numbers."""
        return self.type is ColumnType.CATEGORY


class ModelSchema(Document):
    """The columns that a model takes, in order, and the answers it can give."""

    problem: Problem
    """What kind of answer the model gives."""
    target: ColumnName
    """Column that it learned to predict."""
    classes: tuple[Label, ...] | None = None
    """The classes, in the order of the probabilities; absent for a regression."""
    positive_class: Label | None = None
    """The class that counts as positive, where there are two."""
    inputs: tuple[Input, ...] = Field(min_length=1)
    """The columns, in the order that the pipeline was fitted with."""
    time_column: ColumnName | None = None
    """Column of each row's time: no input, but a caller may send it."""

    @property
    def numbers(self) -> tuple[Input, ...]:
        """The inputs whose values are numbers, in the order of a Batch."""
        return tuple(one for one in self.inputs if not one.is_category)

    @property
    def texts(self) -> tuple[Input, ...]:
        """The inputs whose values are texts, in the order of a Batch."""
        return tuple(one for one in self.inputs if one.is_category)


def label_text(label: Label) -> str:
    """Return how a class is written as a key: ``true``, ``3``, ``late``."""
    return str(label).lower() if isinstance(label, bool) else str(label)
