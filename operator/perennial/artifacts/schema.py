"""What a model takes and answers: the file ``schema.json`` of an artifact."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from perennial.api.dataset import ColumnType
from perennial.api.model import Problem
from perennial.api.schema import ColumnName, Spec

Label = bool | int | str
"""A class of a classification, as JSON spells it."""

Cell = bool | int | float | str | datetime | None
"""One value of a row."""

Row = Mapping[str, Cell]
"""A row as it stands on the wire: values by column."""


class Input(Spec):
    """One column that the model looks at."""

    name: ColumnName
    """Name of the column."""
    type: ColumnType
    """What its values are."""
    nullable: bool
    """Whether values may be missing."""
    categories: tuple[str, ...] | None = None
    """Every value of a Category among the training rows, sorted; absent for other types."""


class ModelSchema(Spec):
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


def label_text(label: Label) -> str:
    """Return how a class is written as a key: ``true``, ``3``, ``late``."""
    return str(label).lower() if isinstance(label, bool) else str(label)
