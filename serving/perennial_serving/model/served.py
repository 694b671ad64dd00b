"""The model that this process serves, verified on disk and loaded without pickle."""

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
    """A version of a model, with its name and metadata."""

    name: str
    version: str
    digest: str
    schema: ModelSchema
    """Inputs and outputs of the model."""
    predictor: Predictor
    profile: Profile
    """Distribution of the training rows, which determines the counters."""
    gives_probabilities: bool
    """Whether answers contain the probabilities of the classes."""

    @classmethod
    def load(cls, name: str, version: str, digest: str, folder: Path) -> Self:
        """Verify all files against the digest, then load them."""
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
