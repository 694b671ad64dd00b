"""The model server with the fault that $FAULT names; it begins after some requests."""

import os
import random
import runpy
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from perennial_serving.endpoints.prediction_service import PredictionService

HEALTHY_REQUESTS = 20
HEALTHY_BATCHES = 300
BROKEN = Path("/tmp/broken")  # noqa: S108 - a path inside the container
MEBIBYTE = 1 << 20

begun = PredictionService.__init__
answered = PredictionService.answer
requests_so_far: Counter[str] = Counter()


def errors() -> None:
    if random.random() < 0.3:
        raise RuntimeError("this server fails on purpose")


def slow() -> None:
    time.sleep(0.08)


def workers() -> None:
    if random.random() < 1 / 12:
        os._exit(1)


def crash() -> None:
    BROKEN.touch()


FAULTS = {"errors": errors, "slow": slow, "workers": workers, "crash": crash, "memory": crash}


def answer_with_fault(self: Any, requests: Any, **options: Any) -> Any:
    requests_so_far["answered"] += len(requests)
    fault = FAULTS.get(os.environ["FAULT"])
    if fault and requests_so_far.total() > HEALTHY_REQUESTS:
        fault()
    return answered(self, requests, **options)


class Shifted:
    """A predictor that takes each class for the other one."""

    def __init__(self, predictor: Any, classes: Sequence[Any]) -> None:
        self._predictor, self.tier = predictor, predictor.tier
        self._other = dict(zip(classes, reversed(classes), strict=True))
        self._batches = 0

    def answer(self, batch: Any) -> Any:
        answers = self._predictor.answer(batch)
        self._batches += 1
        if self._batches < HEALTHY_BATCHES:  # the server verifies itself first
            return answers
        return replace(
            answers,
            predictions=[self._other[label] for label in answers.predictions],
            probabilities=answers.probabilities[:, ::-1],
        )


def begin_shifted(self: Any, model: Any, *parts: Any, **named: Any) -> None:
    begun(self, model, *parts, **named)
    self._predictor = Shifted(self._predictor, model.schema.classes)


def end_when_broken() -> None:
    """Have the first process of the container end, or need more memory than it may have."""
    while not BROKEN.exists():
        time.sleep(0.02)
    kept = []
    while os.environ["FAULT"] == "memory":
        kept.append(os.urandom(16 * MEBIBYTE))
    os._exit(3)


if __name__ == "__main__":
    setattr(PredictionService, "answer", answer_with_fault)  # noqa: B010 - types know methods
    if os.environ["FAULT"] == "shifted":
        setattr(PredictionService, "__init__", begin_shifted)  # noqa: B010 - as above
    threading.Thread(target=end_when_broken, daemon=True).start()
    runpy.run_module("perennial_serving", run_name="__main__")
