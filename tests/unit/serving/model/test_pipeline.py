import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from builders.artifact import INPUTS, BuiltArtifact, artifact, flights
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.parity.cells import Cells
from perennial_serving.model.columns import Columns
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.pipeline import PipelinePredictor, frame_of_batch


def test_a_batch_becomes_the_canonical_frame(flights_artifact: BuiltArtifact):
    schema = flights_artifact.predictor.schema
    frame = canonical_frame(INPUTS, flights(40))
    batch = Cells.of_frame(schema, frame).batch(Columns(schema))
    pd.testing.assert_frame_equal(frame_of_batch(schema, batch), frame)


def test_what_the_pipeline_refuses_is_refused_by_its_row(flights_artifact: BuiltArtifact):
    schema = flights_artifact.predictor.schema
    frame = canonical_frame(INPUTS, flights(40))
    pipeline = flights_artifact.predictor.pipeline
    strict = TrainedPipeline(schema, _strict(pipeline).fit(frame, np.arange(40) % 2))
    frame.loc[7, "carrier"] = "ZZ"
    batch = Cells.of_frame(schema, frame).batch(Columns(schema))
    with pytest.raises(RowRefusedError, match="unknown categories") as refused:
        PipelinePredictor(strict).answer(batch)
    assert refused.value.row == 7


def _strict(pipeline):
    """Return the pipeline with an encoder that knows what it knows."""
    columns = pipeline[0].set_params(categories=OneHotEncoder(sparse_output=False))
    return pipeline.set_params(columns=columns, estimator=LogisticRegression())


@pytest.fixture
def flights_artifact(tmp_path) -> BuiltArtifact:
    return artifact(tmp_path / "model")
