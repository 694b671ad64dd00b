"""Perennial's own server, but requests that wait together are answered one after the other."""

import sys

from perennial_serving.__main__ import main
from perennial_serving.endpoints.predict import Predicting

together = Predicting._responses


def alone(self, requests, asked, *, counted=True):
    pairs = zip(requests, asked, strict=True)
    return [together(self, [one], [rows], counted=counted)[0] for one, rows in pairs]


Predicting._responses = alone
sys.exit(main(["serve"]))
