"""What a peer answers with: the pipeline as people load it, or our compiled model."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["ARTIFACT"])

# A peer loads what it answers with, and not the libraries of the other one.
inside = import_module("compiled" if os.environ["COMPILED"] else "pipeline")


def inputs() -> dict[str, str]:
    """Return the type of each input, by name."""
    schema = json.loads((FOLDER / "schema.json").read_text())
    return {one["name"]: one["type"] for one in schema["inputs"]}


def matching(probabilities: list[list[float]]) -> dict[str, Any]:
    """Return answers as people send them."""
    return {
        "predictions": [
            {"prediction": late > on_time, "probabilities": {"false": on_time, "true": late}}
            for on_time, late in probabilities
        ]
    }
