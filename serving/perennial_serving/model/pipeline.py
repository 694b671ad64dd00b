"""Tier Pipeline: the whole scikit-learn pipeline, as it was evaluated."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

import numpy as np
import pandas as pd

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import ModelSchema
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import Tier
from perennial_serving.model.batch import Batch
from perennial_serving.model.refusals import answered


class PipelinePredictor:
    """A fitted pipeline behind data frames."""

    tier: Final = Tier.PIPELINE

    def __init__(self, predictor: TrainedPipeline) -> None:
        self._predictor = predictor

    @classmethod
    def load(cls, folder: Path, _schema: ModelSchema) -> Self:
        """Read the pipeline of a verified artifact."""
        return cls(TrainedPipeline.load(folder))

    def answer(self, batch: Batch) -> Answers:
        """Answer rows; raise RowRefusedError for the first that the pipeline rejects."""
        return answered(self._answer, batch)

    def _answer(self, batch: Batch) -> Answers:
        return self._predictor.answer(frame_of_batch(self._predictor.schema, batch))


def frame_of_batch(schema: ModelSchema, batch: Batch) -> pd.DataFrame:
    """Return the canonical frame of a batch."""
    numbers, texts = iter(batch.numbers.T), iter(batch.texts)
    columns = {
        column.name: _objects(next(texts)) if column.is_category else pd.Series(next(numbers))
        for column in schema.inputs
    }
    return pd.DataFrame(columns)


def _objects(texts: Iterable[str | None]) -> pd.Series:
    return pd.Series([np.nan if text is None else text for text in texts], dtype=object)
