"""A runtime of MLServer with our compiled model inside."""

import answering
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Compiled(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload):
        names = [each.name for each in payload.inputs]
        columns = [np.ravel(each.data.root).tolist() for each in payload.inputs]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        probabilities = np.array(answering.inside.of_rows(rows))
        output = NumpyCodec.encode_output("predict_proba", probabilities)
        return InferenceResponse(model_name=self.name, outputs=[output])
