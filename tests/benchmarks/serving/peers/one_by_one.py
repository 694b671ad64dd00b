"""Perennial's own server, but requests of one batch are answered one after the other."""

import sys

from perennial_serving.__main__ import main
from perennial_serving.endpoints.predict import PredictEndpoint

together = PredictEndpoint._responses


def alone(self, requests, parsed, *counted):
    pairs = zip(requests, parsed, strict=True)
    return [together(self, [request], [rows], *counted)[0] for request, rows in pairs]


PredictEndpoint._responses = alone
sys.exit(main(["serve"]))
