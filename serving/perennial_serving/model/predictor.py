"""A loaded model: each tier answers the same rows with the same numbers, at another cost."""

from typing import Protocol

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
from perennial_serving.model.batch import Batch


class Predictor(Protocol):
    """A loaded model."""

    @property
    def tier(self) -> Tier:
        """How much of the pipeline runs without scikit-learn."""

    def answer(self, batch: Batch) -> Answers:
        """Answer every row, or raise a RowRefusedError for the first that has no answer."""
