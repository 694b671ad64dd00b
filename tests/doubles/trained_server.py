"""Servers of trained models, each asked on one connection and compared with its own pipeline."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from builders.artifact import MODEL, artifact
from builders.requests import binary_tensors_of, tensors_of
from doubles.http_server import Answer
from doubles.server_process import ServerProcess, server_process
from fuzz.fair_requests import predictions
from perennial.artifacts.answers import Answers, check_answers
from perennial.artifacts.model_schema import ModelSchema
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import Tier

HANGS_AFTER_SECONDS = 30.0
"""No answer takes so long, however busy the machine."""
PREDICT, INFER, FEEDBACK = "/predict", f"/v2/models/{MODEL}/infer", "/feedback"


@dataclass(frozen=True)
class Trained:
    """What is learned, and how it is served."""

    estimator: BaseEstimator
    classes: str | None
    tier: Tier = Tier.COMPILED


MODELS = {
    # few rows walk its trees in ONNX Runtime, many go through the masks of its leaves
    "trees": Trained(GradientBoostingClassifier(n_estimators=40, random_state=0), "str"),
    "line": Trained(Ridge(), None),
    # all of its rows are answered beside the event loop
    "pipeline": Trained(LogisticRegression(), "bool", Tier.PIPELINE),
}


class TrainedServer:
    """A running server, and the pipeline that it must repeat."""

    def __init__(
        self, predictor: TrainedPipeline, process: ServerProcess, connection: HTTPConnection
    ) -> None:
        self.process = process
        self._predictor = predictor
        self._connection = connection

    def post(self, path: str, body: bytes, headers: Mapping[bytes, bytes] | None = None) -> Answer:
        """Return the answer; raise if there is none in time."""
        self._connection.request("POST", path, body, headers or {})
        response = self._connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())

    def post_json(self, path: str, value) -> Answer:
        return self.post(path, json.dumps(value).encode())

    def check(self, rows: Sequence[dict]) -> None:
        """Raise unless rows get the pipeline's own answer in every form, or its refusal."""
        schema = self._predictor.schema
        responses = (
            self.post_json(PREDICT, {"rows": rows}),
            self.post_json(INFER, tensors_of(schema, rows)),
            self.post(INFER, *binary_tensors_of(schema, rows)),
        )
        expected = self._expected(rows)
        status = 422 if expected is None else 200
        assert [response.status for response in responses] == [status] * len(responses), responses
        for response in responses if expected else ():
            check_answers(_answers_in(response.body, schema), expected)

    def _expected(self, rows: Sequence[dict]) -> tuple[dict, ...] | None:
        """Return what the pipeline says; None if it takes one of the rows for too large."""
        with np.errstate(all="ignore"):
            try:
                answers = self._predictor.answer_rows(rows)
            except ValueError:
                return None
        values = answers.predictions if answers.probabilities is None else answers.probabilities
        return (
            tuple(answers.matching(self._predictor.schema)) if np.isfinite(values).all() else None
        )


def _answers_in(body: bytes, schema: ModelSchema) -> Iterable[dict]:
    """Return what is said of each row; tensors say it column by column."""
    answer = json.loads(body)
    if "predictions" in answer:
        return predictions(body)
    columns = {output["name"]: output["data"] for output in answer["outputs"]}
    labels, probabilities = columns["predict"], columns.get("predict_proba")
    lines = None if probabilities is None else np.reshape(probabilities, (len(labels), -1))
    return Answers(labels, lines).matching(schema)


@contextmanager
def trained_server(trained: Trained, folder: Path) -> Iterator[TrainedServer]:
    """Train, serve and connect until the test is over."""
    built = artifact(
        folder / "model", trained.estimator, trained.classes, rows=400, tier=trained.tier
    )
    environment = {
        "PERENNIAL_MODEL": str(built.folder),
        "PERENNIAL_ARTIFACT_DIGEST": built.digest,
    }
    with server_process("serve", folder, environment) as running:
        running.until_ready()
        connection = HTTPConnection("127.0.0.1", running.port, timeout=HANGS_AFTER_SECONDS)
        with closing(connection):
            yield TrainedServer(built.predictor, running, connection)
