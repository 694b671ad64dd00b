"""Loads the predictor of an artifact, and imports only the libraries of its tier."""

from pathlib import Path

from perennial.artifacts.model_schema import ModelSchema
from perennial.artifacts.tier import SERVING_FILE, Serving, Tier
from perennial_serving.model.predictor import Predictor


def load_predictor(folder: Path, schema: ModelSchema) -> Predictor:
    """Load the tier that training chose."""
    serving = Serving.model_validate_json((folder / SERVING_FILE).read_text())
    return load_tier(serving.tier, folder, schema)


def load_tier(tier: Tier, folder: Path, schema: ModelSchema) -> Predictor:
    """Load a tier whose files the artifact holds."""
    # imported here, because the image for compiled models has no scikit-learn
    match tier:
        case Tier.COMPILED:
            from perennial_serving.model.compiled import CompiledPredictor  # noqa: PLC0415

            return CompiledPredictor.load(folder, schema)
        case Tier.ENCODED:
            from perennial_serving.model.encoded import EncodedPredictor  # noqa: PLC0415

            return EncodedPredictor.load(folder, schema)
        case Tier.PIPELINE:
            from perennial_serving.model.pipeline import PipelinePredictor  # noqa: PLC0415

            return PipelinePredictor.load(folder, schema)
