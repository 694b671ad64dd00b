"""The server's one function, for tests: a service around a small model."""

import asyncio
import json

from builders.small_model import small_model
from perennial.artifacts.model_schema import label_text
from perennial_serving.counters.constants import ModelInfo
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import Layout
from perennial_serving.counters.render import Exposition
from perennial_serving.counters.shared import Shared
from perennial_serving.endpoints.feedback import Feedback
from perennial_serving.endpoints.prediction_id import Signer, Verifier
from perennial_serving.endpoints.prediction_service import PredictionService
from perennial_serving.endpoints.routes import Dependencies, Service
from perennial_serving.http.messages import Request, Response
from perennial_serving.model.contract import Contract
from perennial_serving.model.served import ServedModel
from perennial_serving.readiness import Readiness
from perennial_serving.settings import Limits

LIMITS = Limits(body_bytes=4096, rows=20)
KEY = bytes(range(32))


class Served:
    """A service that counts and that one can ask."""

    def __init__(
        self,
        model: ServedModel | None = None,
        *,
        verified: bool = True,
        refuses: bool = False,
        limits: Limits = LIMITS,
        revision: str | None = None,
    ) -> None:
        self.model = model or small_model()
        self.readiness = Readiness(verified=verified)
        layout = Layout.of(self.model.schema, self.model.profile)
        shared = Shared.create(1)
        self.counters = Counters(layout, shared, 0)
        labels = tuple(label_text(label) for label in self.model.schema.classes or ())
        signer = Signer(KEY, self.model.version, layout.kind, labels, "a pod")
        contract = Contract(self.model.schema) if refuses else None
        predictions = PredictionService(self.model, self.counters, signer, limits, contract)
        feedback = Feedback(
            self.counters, Verifier(KEY), shared.ids, self.model.version, limits.rows
        )
        served = ModelInfo(self.model.name, self.model.version, self.model.digest, "Compiled")
        self._exposition = Exposition(layout, shared.memories, served)
        dependencies = Dependencies(
            predictions, self._exposition.text, feedback, self.readiness, revision
        )
        self.service = Service(self.model, limits.rows, dependencies)

    def get(
        self, path: str, method: str = "GET", headers: dict[bytes, bytes] | None = None
    ) -> Response:
        return self.ask(Request(method, path, headers or {}))[0]

    def post(self, path: str, body, headers: dict[bytes, bytes] | None = None) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask(Request("POST", path, headers or {}, content, "test"))[0]

    def ask(self, *requests: Request) -> list[Response]:
        """Return the responses to requests that come in one turn of the event loop."""

        async def ask() -> list[Response]:
            answers = [self.service.handle(request) for request in requests]
            return [answer if isinstance(answer, Response) else await answer for answer in answers]

        return asyncio.run(ask())

    def counted(self, series: str, *labels: str) -> float:
        """Return the value of one series, chosen by its name and what stands in its labels."""
        self.counters.flush()
        lines = self._exposition.text().decode().splitlines()
        (found,) = (
            line
            for line in lines
            if line.partition("{")[0] == series and all(label in line for label in labels)
        )
        return float(found.rpartition(" ")[2])
