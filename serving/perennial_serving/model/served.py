"""The model that this process serves: verified on disk, loaded without pickle, asked by Batch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from perennial.artifacts.answers import load_samples
from perennial.artifacts.model_schema import SCHEMA_FILE, ModelSchema
from perennial.artifacts.profile import PROFILE_FILE, Profile
from perennial_serving.model.integrity import verify
from perennial_serving.model.loading import load_predictor
from perennial_serving.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One version of one model, and what it is called."""

    name: str
    version: str
    digest: str
    schema: ModelSchema
    """What the model takes and answers."""
    predictor: Predictor
    profile: Profile
    """What the rows of its training looked like: the layout of what is counted."""
    gives_probabilities: bool
    """Whether an answer says how likely each class is."""

    @classmethod
    def load(cls, name: str, version: str, digest: str, folder: Path) -> Self:
        """Verify every file against the digest, and only then read any of them."""
        verify(folder, digest)
        schema = ModelSchema.model_validate_json((folder / SCHEMA_FILE).read_text())
        return cls(
            name=name,
            version=version,
            digest=digest,
            schema=schema,
            predictor=load_predictor(folder, schema),
            profile=Profile.model_validate_json((folder / PROFILE_FILE).read_text()),
            gives_probabilities="probabilities" in load_samples(folder).answers[0],
        )
