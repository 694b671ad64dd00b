"""Rejects dense rows that scikit-learn's input checks would reject."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Taken
from perennial_serving.model.errors import RowRefusedError

Dense = NDArray[np.float64]
"""Encoded rows, (rows, width)."""

_MISSING: Final = "a value is missing that the model needs"
_TOO_LARGE: Final = "a value is too large for the model"


class FeatureRefusedError(RowRefusedError):
    """A rejected row, with the dense column but not yet the input that it comes from."""

    def __init__(self, row: int, feature: int, message: str) -> None:
        super().__init__(row, None, message)
        self.feature = feature


def refuse_others(rows: Dense | NDArray[np.float32], taken: Taken) -> None:
    """Raise FeatureRefusedError for the first row with a number that is not accepted."""
    if taken is Taken.ANYTHING or np.isfinite(rows).all():
        return
    refused = np.isinf(rows) if taken is Taken.MISSING else ~np.isfinite(rows)
    if refused.any():
        row = int(refused.any(axis=1).argmax())
        feature = int(refused[row].argmax())
        missing = bool(np.isnan(rows[row, feature]))
        raise FeatureRefusedError(row, feature, _MISSING if missing else _TOO_LARGE)
