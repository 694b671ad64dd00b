"""A model of one line of arithmetic: what a server needs, without a training."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.artifacts.profile import AnswerProfile, CategoryProfile, NumberProfile, Profile
from perennial.artifacts.tier import Tier
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.served import ServedModel

MODEL, VERSION, DIGEST = "flight-delay", "flight-delay-7c1f9a2b", f"sha256:{'5' * 64}"
INPUTS = (
    Input(name="carrier", type=ColumnType.CATEGORY, nullable=False, categories=("B6", "UA")),
    Input(name="dep_delay", type=ColumnType.NUMBER, nullable=True, minimum=-10.0, maximum=50.0),
    Input(name="distance", type=ColumnType.INTEGER, nullable=False, minimum=80.0, maximum=5000.0),
    Input(name="dest", type=ColumnType.CATEGORY, nullable=True, categories=("IAH", "MIA")),
    Input(name="weekend", type=ColumnType.BOOLEAN, nullable=True),
    Input(name="time_hour", type=ColumnType.TIMESTAMP, nullable=True),
)
ROW = {
    "carrier": "UA",
    "dep_delay": 12.5,
    "distance": 1400,
    "dest": "IAH",
    "weekend": False,
    "time_hour": "2013-01-05T09:00:00Z",
}
REFUSED_DISTANCE: Final = 666
"""A distance that the model takes no answer from."""


def schema(classes=(False, True), **more) -> ModelSchema:
    return ModelSchema(
        problem=Problem.CLASSIFICATION if classes else Problem.REGRESSION,
        target="late",
        classes=classes,
        positive_class=classes[1] if classes and len(classes) == 2 else None,
        inputs=more.pop("inputs", INPUTS),
        **more,
    )


def small_model(described: ModelSchema | None = None, tier: Tier = Tier.COMPILED) -> ServedModel:
    told = described or schema()
    return ServedModel(
        name=MODEL,
        version=VERSION,
        digest=DIGEST,
        schema=told,
        predictor=DelayGrows(told, tier),
        profile=_profile(told),
        gives_probabilities=told.classes is not None,
    )


@dataclass
class DelayGrows:
    """Says late with the more certainty, the later the departure; a missing one is punctual."""

    schema: ModelSchema
    tier: Tier
    calls: list[int] = field(default_factory=list)
    """How many rows each call was asked for."""

    def answer(self, batch: Batch) -> Answers:
        self.calls.append(batch.rows)
        names = [one.name for one in self.schema.numbers]
        if "distance" in names:
            refused = batch.numbers[:, names.index("distance")] == REFUSED_DISTANCE
            if refused.any():
                raise RowRefusedError(int(np.argmax(refused)), "distance", "not this distance")
        delays = np.nan_to_num(batch.numbers[:, names.index("dep_delay")], posinf=0.0)
        classes = self.schema.classes
        if classes is None:
            return Answers((np.clip(delays, -1e300, 1e300) * 1.5).tolist(), None)
        likely = 1 / (1 + np.exp(-np.clip((delays - 15) / 10, -30, 30)))
        others = np.repeat(((1 - likely) / (len(classes) - 1))[:, None], len(classes) - 1, axis=1)
        probabilities = np.column_stack([others, likely])
        return Answers([classes[one] for one in probabilities.argmax(axis=1)], probabilities)


def _profile(told: ModelSchema) -> Profile:
    bins = AnswerProfile(edges=(0.5,), counts=(1, 1), sums=(0.0, 1.0))
    binary = told.classes is None or told.positive_class is not None
    return Profile(
        rows=2,
        repeated=0,
        numbers=tuple(
            NumberProfile(
                name=one.name, edges=(0.0, 1.0), mean=0.0, spread=1.0, counts=(0, 2, 0, 0)
            )
            for one in told.numbers
        ),
        categories=tuple(
            CategoryProfile(name=one.name, kept=(one.categories or ())[:8], counts=(1, 1, 0, 0, 0))
            for one in told.texts
        ),
        held_out=2,
        classes=None if told.classes is None else (1,) * len(told.classes),
        prediction=bins if binary else None,
        confidence=None if told.classes is None else bins,
    )
