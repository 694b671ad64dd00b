"""Perennial's own server, but requests that wait together are answered one after the other."""

import sys

from perennial_serving.__main__ import main
from perennial_serving.predictors.micro_batches import MicroBatches

together = MicroBatches._outcomes


def alone(self, batches):
    return [outcome for batch in batches for outcome in together(self, [batch])]


MicroBatches._outcomes = alone
sys.exit(main(["serve"]))
