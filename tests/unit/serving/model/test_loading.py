import json
import subprocess
import sys

import numpy as np
import pytest

from builders.artifact import BuiltArtifact, artifact, flights
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.tier import Tier
from perennial.jobs.parity.cells import Cells
from perennial_serving.model.columns import Columns
from perennial_serving.model.loading import load_predictor

HEAVY = ("boto3", "joblib", "pandas", "pyarrow", "scipy", "skops", "sklearn", "starlette")


@pytest.fixture(scope="module", params=Tier)
def built(request, tmp_path_factory) -> BuiltArtifact:
    return artifact(tmp_path_factory.mktemp("tier") / "model", tier=request.param)


def test_the_tier_is_the_one_that_the_artifact_names(built: BuiltArtifact):
    named = json.loads((built.folder / "serving.json").read_text())["tier"]
    assert load_predictor(built.folder, built.predictor.schema).tier == named


def test_every_tier_answers_as_the_pipeline(built: BuiltArtifact):
    schema = built.predictor.schema
    frame = canonical_frame(schema.inputs, flights(50, seed=2))
    batch = Cells.of_frame(schema, frame).batch(Columns(schema))
    expected = built.predictor.answer(frame)
    found = load_predictor(built.folder, schema).answer(batch)
    assert found.predictions == expected.predictions
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-12)


def test_the_first_tier_imports_none_of_what_training_needs(tmp_path):
    built = artifact(tmp_path / "model")
    program = (
        "import sys; from pathlib import Path;"
        "from perennial_serving.model.served import ServedModel;"
        f"ServedModel.load('m', 'v', {built.digest!r}, Path({str(built.folder)!r}));"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert ran.stdout.strip() == "[]"
