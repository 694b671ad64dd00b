"""The datatypes of the Open Inference Protocol, and which of them can hold a column."""

from datetime import datetime
from typing import Final

from perennial.api.column_type import ColumnType

FLOATS: Final[dict[str, type]] = {"FP64": float, "FP32": float, "FP16": float}
INTEGERS: Final[dict[str, type]] = {
    f"{kind}{bits}": int for kind in ("INT", "UINT") for bits in (64, 32, 16, 8)
}
DATATYPES: Final[dict[ColumnType, dict[str, type]]] = {
    ColumnType.NUMBER: {**FLOATS, **INTEGERS},
    ColumnType.INTEGER: {**INTEGERS, **FLOATS},
    ColumnType.CATEGORY: {"BYTES": str},
    ColumnType.BOOLEAN: {"BOOL": bool},
    ColumnType.TIMESTAMP: {"BYTES": datetime},
}
"""Datatypes that can hold a column, the preferred one first, with the JSON type of elements."""

BOUNDS: Final[dict[str, tuple[int, int]]] = {
    **{f"INT{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (64, 32, 16, 8)},
    **{f"UINT{bits}": (0, (1 << bits) - 1) for bits in (64, 32, 16, 8)},
}
"""The smallest and the largest integer of each datatype."""
