"""A model of KServe's SDK, doing what its scikit-learn server does."""

import logging
import sys

import answering
import numpy as np
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer


class Flights(Model):
    def __init__(self):
        super().__init__("flight-delay")
        self.ready = True

    def predict(self, payload: InferRequest, _headers=None, _response_headers=None):
        probabilities = np.array(answering.inside.of_frame(payload.as_dataframe()))
        output = InferOutput("predict_proba", list(probabilities.shape), "FP64")
        output.set_data_from_numpy(probabilities, binary_data=False)
        return InferResponse(payload.id, self.name, [output])


logging.disable(logging.INFO)  # a line for each request is not what is compared
ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1).start([Flights()])
