"""Tier Encoded: the encoder is data, and scikit-learn's estimator predicts its dense rows."""

from pathlib import Path
from typing import Final, Self

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import ModelSchema
from perennial.artifacts.pipeline import TrainedPipeline, answers_of
from perennial.artifacts.tier import Tier
from perennial_serving.model.batch import Batch
from perennial_serving.model.encoder import Encoder
from perennial_serving.model.refusals import answered


class EncodedPredictor:
    """A fitted estimator behind an encoder."""

    tier: Final = Tier.ENCODED

    def __init__(self, encoder: Encoder, predictor: TrainedPipeline) -> None:
        self._encoder = encoder
        self._estimator = predictor.pipeline[-1]

    @classmethod
    def load(cls, folder: Path, schema: ModelSchema) -> Self:
        """Read the encoder and the pipeline of a verified artifact."""
        return cls(Encoder.load(folder, schema), TrainedPipeline.load(folder))

    def answer(self, batch: Batch) -> Answers:
        """Answer rows; raise RowRefusedError for the first that the pipeline would reject."""
        return answered(self._answer, batch)

    def _answer(self, batch: Batch) -> Answers:
        return answers_of(self._estimator, self._encoder.dense(batch))
