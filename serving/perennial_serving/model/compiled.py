"""Tier Compiled: encoder and estimator are data, without scikit-learn and without model code."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np

from perennial.artifacts.answers import Answers
from perennial.artifacts.compiled import Decision, Estimator, load_estimator
from perennial.artifacts.encoding import EncoderFormat, load_encoder
from perennial.artifacts.model_schema import Label, ModelSchema
from perennial.artifacts.tier import Tier
from perennial_serving.model.accepted_values import Dense, FeatureRefusedError
from perennial_serving.model.batch import Batch
from perennial_serving.model.encoder import Encoder
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.expressions import evaluator
from perennial_serving.model.links import LINKS, Scores
from perennial_serving.model.refusals import finite

Decide = Callable[[Scores], list[Label] | list[float]]


class CompiledEstimator:
    """Scores, decision rule and probabilities of an estimator, for dense rows."""

    def __init__(self, estimator: Estimator, schema: ModelSchema) -> None:
        link = estimator.probabilities
        self._scores = evaluator(estimator.scores, estimator.width)
        self._decide = _decider(estimator.decision, schema.classes or ())
        self._link = None if link is None else LINKS[link]

    @classmethod
    def load(cls, folder: Path, schema: ModelSchema) -> Self:
        """Read the estimator of a verified artifact."""
        return cls(load_estimator(folder), schema)

    def answer(self, dense: Dense) -> Answers:
        """Answer dense rows; raise FeatureRefusedError for the first rejected one."""
        scores = self._scores(dense)
        probabilities = None if self._link is None else self._link(scores)
        return finite(Answers(self._decide(scores), probabilities))


class CompiledPredictor:
    """An encoder and an estimator that consist of data only."""

    tier: Final = Tier.COMPILED

    def __init__(
        self, encoder: EncoderFormat, estimator: CompiledEstimator, schema: ModelSchema
    ) -> None:
        self._encoder = Encoder(encoder, schema)
        self._estimator = estimator
        self._inputs = _inputs_of_features(encoder, schema)

    @classmethod
    def load(cls, folder: Path, schema: ModelSchema) -> Self:
        """Read encoder and estimator of a verified artifact."""
        return cls(load_encoder(folder), CompiledEstimator.load(folder, schema), schema)

    # set once for all calls below: overflow gives infinity, which is rejected where it matters
    @np.errstate(all="ignore")
    def answer(self, batch: Batch) -> Answers:
        """Answer rows; raise RowRefusedError for the first that the pipeline would reject."""
        try:
            return self._estimator.answer(self._encoder.dense(batch))
        except FeatureRefusedError as refusal:
            column = self._inputs.get(refusal.feature)
            raise RowRefusedError(refusal.row, column, refusal.message) from refusal


def _inputs_of_features(encoder: EncoderFormat, schema: ModelSchema) -> dict[int, str]:
    """Return the numeric inputs by dense column."""
    return {
        block.first + place: schema.numbers[at].name
        for block in encoder.numbers
        for place, at in enumerate(block.inputs)
    }


def _decider(decision: Decision, classes: Sequence[Label]) -> Decide:
    match decision:
        case Decision.VALUE:
            return lambda scores: scores[:, 0].tolist()
        case Decision.POSITIVE:
            return lambda scores: [classes[score > 0] for score in scores[:, 0].tolist()]
        case Decision.NOT_NEGATIVE:
            return lambda scores: [classes[score >= 0] for score in scores[:, 0].tolist()]
        case Decision.LARGEST:
            return lambda scores: [classes[at] for at in scores.argmax(axis=1).tolist()]
