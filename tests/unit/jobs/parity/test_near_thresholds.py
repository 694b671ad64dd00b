import numpy as np
import pytest

from builders.designs import design, rows
from perennial.jobs.parity.cells import Cells
from perennial.jobs.parity.near_thresholds import encoder_of_numbers
from perennial.jobs.recipe.fit import fitted
from perennial_serving.model.columns import Columns
from perennial_serving.model.pipeline import frame_of_batch

ENCODINGS = [
    ("HistGradientBoostingClassifier", "Ordinal"),
    ("LogisticRegression", "OneHot"),
    ("LogisticRegression", "Target"),
]


@pytest.mark.parametrize(("estimator", "encode"), ENCODINGS)
def test_rows_with_other_numbers_have_the_features_of_the_whole_pipeline(estimator, encode):
    learned, stated = rows(), design(estimator=estimator, categorical={"encode": encode})
    preprocessing = fitted(stated, learned)[0]
    held_out = Cells.of_frame(stated.schema, learned.frame)
    base = held_out.take(np.array([3]))
    same_texts = Cells(held_out.numbers, np.repeat(base.texts, held_out.rows, axis=0))
    frame = frame_of_batch(stated.schema, same_texts.batch(Columns(stated.schema)))
    encoded = encoder_of_numbers(preprocessing, stated.schema, base)(held_out.numbers)
    np.testing.assert_array_equal(encoded, preprocessing.transform(frame))
