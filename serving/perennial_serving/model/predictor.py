"""The interface of a loaded model; all tiers give the same answers at different costs."""

from typing import Protocol

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
from perennial_serving.model.batch import Batch


class Predictor(Protocol):
    """A loaded model."""

    @property
    def tier(self) -> Tier:
        """The tier of the model."""

    def answer(self, batch: Batch) -> Answers:
        """Answer rows, or raise RowRefusedError for the first rejected one."""
