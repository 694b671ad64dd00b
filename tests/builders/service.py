"""The server's one function, for tests: a service around a built artifact."""

import json

from builders.artifact import MODEL, VERSION, BuiltArtifact
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.routes import Service
from perennial_serving.lifecycle import Lifecycle
from perennial_serving.metrics import Metrics
from perennial_serving.model import ServedModel
from perennial_serving.settings import Limits

LIMITS = Limits(body_bytes=4096, rows=20)


class Served:
    """A service that counts and that one can ask."""

    def __init__(self, built: BuiltArtifact, *, verified: bool = True) -> None:
        self.model = ServedModel(MODEL, VERSION, built.digest, built.predictor)
        self.lifecycle = Lifecycle(verified=verified)
        self.metrics = Metrics(MODEL, VERSION, built.digest, started=1000.0)
        self.service = Service(self.model, LIMITS, self.metrics, self.lifecycle)

    def get(self, path: str, method: str = "GET") -> Response:
        return self.service.handle(Request(method, path))

    def post(self, path: str, body, headers: dict[str, str] | None = None) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.service.handle(Request("POST", path, headers or {}, content, id="test"))

    def counted(self, series: str) -> float:
        """Return the value of one series, spelled as the exposition spells it."""
        lines = self.metrics.exposition("")[0].decode().splitlines()
        return next(float(line.removeprefix(series)) for line in lines if line.startswith(series))
