"""The preprocessing of a compiled model: the file ``encoder.json`` of an artifact.

Every dense column is a function of one input: steps of arithmetic for a number, or a lookup by
code for anything with finitely many outcomes (a text, a bin, a number that equals another).
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from perennial.artifacts.document import Document

ENCODER_FILE: Final = "encoder.json"


class Operation(StrEnum):
    """One step of arithmetic on a number, which may be missing."""

    FILL = "Fill"
    """Missing values become the operand."""
    SUBTRACT = "Subtract"
    DIVIDE = "Divide"
    MULTIPLY = "Multiply"
    ADD = "Add"
    AT_LEAST = "AtLeast"
    """Smaller values become the operand."""
    AT_MOST = "AtMost"
    """Larger values become the operand."""


class _Stored(Document):
    """JSON has no NaN: it is written as text and read back as a number."""

    model_config = ConfigDict(ser_json_inf_nan="strings")


class Step(_Stored):
    """One operation on several numbers, each with its own operand."""

    operation: Operation
    operands: tuple[float, ...]


class Numbers(_Stored):
    """Inputs with equal sequences of operations, written to adjacent dense columns."""

    inputs: tuple[int, ...]
    """Positions among the schema's numbers."""
    steps: tuple[Step, ...]
    first: int
    """The dense column of the first input."""


class NumberCodes(_Stored):
    """Codes of a number after its steps, by its position among ascending bounds.

    Exact: the index of the bound that it equals, then unseen, then missing.
    Otherwise: how many bounds do not exceed it, then missing.
    """

    input: int
    """Position among the schema's numbers."""
    steps: tuple[Step, ...]
    bounds: tuple[float, ...]
    exact: bool


class Lookup(_Stored):
    """The value and the column that each code sets in a dense row of zeros."""

    codes: int
    """Index of the codes: first those of the schema's texts, then those of ``codes``."""
    columns: tuple[int, ...]
    """By code: the dense column; no two lookups share one."""
    values: tuple[float, ...]
    """By code: the value."""


class RejectedCodes(_Stored):
    """Codes for which the pipeline rejects a row."""

    codes: int
    refused: tuple[int, ...]
    message: str


class EncoderFormat(_Stored):
    """Everything between the columns of a Batch and the dense rows of an estimator."""

    width: int
    """Number of dense columns."""
    words: tuple[tuple[str, ...], ...]
    """By text input: values known beyond the schema's categories; their codes follow missing."""
    numbers: tuple[Numbers, ...]
    codes: tuple[NumberCodes, ...]
    lookups: tuple[Lookup, ...]
    refusals: tuple[RejectedCodes, ...]

    def write(self, folder: Path) -> None:
        """Write the file into the folder of an artifact."""
        (folder / ENCODER_FILE).write_text(self.model_dump_json(by_alias=True))


def load_encoder(folder: Path) -> EncoderFormat:
    """Read the encoder of an artifact."""
    return EncoderFormat.model_validate_json((folder / ENCODER_FILE).read_bytes())


Values = NDArray[np.float64]


def _fill(values: Values, operands: Values | float, out: Values) -> None:
    np.copyto(out, operands, where=np.isnan(values))


OPERATIONS: Final[Mapping[Operation, Callable[..., object]]] = {
    Operation.FILL: _fill,
    Operation.SUBTRACT: np.subtract,
    Operation.DIVIDE: np.divide,
    Operation.MULTIPLY: np.multiply,
    Operation.ADD: np.add,
    Operation.AT_LEAST: np.maximum,
    Operation.AT_MOST: np.minimum,
}
"""The function of each operation: values, operands, ``out``."""
