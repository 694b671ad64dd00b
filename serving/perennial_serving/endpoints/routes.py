"""One function from request to response: all paths of one model, without a socket."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from perennial_serving.counters.render import CONTENT_TYPE
from perennial_serving.endpoints import descriptions
from perennial_serving.endpoints.feedback import Feedback
from perennial_serving.endpoints.formats import RowsFormat, TensorsFormat, check_is_json
from perennial_serving.endpoints.openapi import model_paths, openapi
from perennial_serving.endpoints.page import CONTENT_SECURITY, HTML, page
from perennial_serving.endpoints.predict import PredictEndpoint
from perennial_serving.endpoints.prediction_service import PredictionService, error_response
from perennial_serving.http.messages import JSON, Request, Response, as_json
from perennial_serving.model.served import ServedModel
from perennial_serving.readiness import Readiness
from perennial_serving.settings import REVISION_HEADER
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.quality_values import quality_values

Endpoint = Callable[[Request], Response | Awaitable[Response]]

_INFER: Final = re.compile(r"/v2/models/[^/]+(?:/versions/[^/]+)?/infer")
_REVISION_HEADER: Final = REVISION_HEADER.encode()
_NOTHING: Final[Mapping[str, Endpoint]] = {}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The parts that endpoints call."""

    predictions: PredictionService
    scrape: Callable[[], bytes]
    """Returns the metrics of all workers as text."""
    feedback: Feedback
    readiness: Readiness
    revision: str | None = None
    """The revision that requests may name."""


class Service:
    """All endpoints of the server, for one model."""

    def __init__(self, model: ServedModel, most_rows: int, dependencies: Dependencies) -> None:
        self._model = model
        self._dependencies = dependencies
        readiness = dependencies.readiness
        infer = PredictEndpoint(
            dependencies.predictions, TensorsFormat(model, most_rows), readiness
        )
        predict = PredictEndpoint(dependencies.predictions, RowsFormat(model, most_rows), readiness)
        server = _fixed(descriptions.server_metadata())
        self._routes: dict[str, Mapping[str, Endpoint]] = {
            "/predict": {"POST": predict},
            "/feedback": {"POST": self._feedback},
            "/metrics": _get(self._scrape),
            "/openapi.json": _get(_fixed(openapi(model, most_rows))),
            "/": _get(self._index()),
            **dict.fromkeys(("/v2", "/v2/"), _get(server)),
            "/v2/health/live": _get(_fixed({"live": True})),
            "/v2/health/ready": _get(self._ready),
        }
        metadata = _fixed(descriptions.model_metadata(model))
        for _, at in model_paths(model):
            self._routes[at] = _get(metadata)
            self._routes[f"{at}/ready"] = _get(self._ready)
            self._routes[f"{at}/infer"] = {"POST": infer}

    def handle(self, request: Request) -> Response | Awaitable[Response]:
        """Return the response to any request, valid or not."""
        if _REVISION_HEADER in request.headers and (error := self._other_revision(request)):
            return self._rejected(request, error)
        endpoint = self._routes.get(request.path, _NOTHING).get(request.method)
        if endpoint is None:
            return self._rejected(request, self._not_found(request))
        return endpoint(request)

    def _rejected(self, request: Request, error: RequestError) -> Response:
        response = error_response(request, error)
        self.count(request, response)
        return response

    def count(self, request: Request, response: Response) -> None:
        """Count a request for predictions that is rejected before it reaches its endpoint."""
        if request.path != "/predict" and not _INFER.fullmatch(request.path):
            return
        if _REVISION_HEADER in request.headers:
            self._dependencies.predictions.count_explicit(response)
        else:
            self._dependencies.predictions.count([request], [response])

    def set_row_cost(self, microseconds_per_row: float) -> None:
        """Set the time per row, which decides what is too long for the event loop."""
        self._dependencies.predictions.set_row_cost(microseconds_per_row)

    def _other_revision(self, request: Request) -> RequestError | None:
        """Return an error if the request names another revision than the one that is served."""
        named = request.headers[_REVISION_HEADER].decode("latin-1")
        own = self._dependencies.revision
        if named == own:
            return None
        served = "it has no revision" if own is None else f"its revision is {own}"
        error = f"this server is not revision {named}: {served}"
        return RequestError(error, status=HTTPStatus.MISDIRECTED_REQUEST)

    def _not_found(self, request: Request) -> RequestError:
        if request.path in self._routes:
            allowed = ", ".join(self._routes[request.path])
            return RequestError(
                f"send {allowed} here",
                status=HTTPStatus.METHOD_NOT_ALLOWED,
                headers=(("allow", allowed),),
            )
        error = self._other_model(request.path) or f"there is nothing at {request.path}"
        return RequestError(error, status=HTTPStatus.NOT_FOUND)

    def _other_model(self, path: str) -> str | None:
        """Return an error that names the served model, if the path names another one."""
        match path.split("/"):
            case ["", "v2", "models", name, *_] if name != self._model.name:
                return f"there is no model {name}: {self._model.name} is served here"
            case ["", "v2", "models", _, "versions", version, *_] if version != self._model.version:
                return f"there is no version {version}: {self._model.version} is served here"
            case _:
                return None

    def _index(self) -> Endpoint:
        vary = ("vary", "accept")
        description = as_json(descriptions.model_description(self._model), headers=(vary,))
        security = (
            ("content-security-policy", CONTENT_SECURITY),
            ("x-content-type-options", "nosniff"),
            vary,
        )
        html = Response(page(self._model), content_type=HTML, headers=security)

        def index(request: Request) -> Response:
            weights = quality_values(request.headers.get(b"accept", b"").decode("latin-1"))
            weight = weights.get("text/html", 0.0)
            return html if weight and weight >= weights.get(JSON, 0.0) else description

        return index

    def _ready(self, _request: Request) -> Response:
        ready = self._dependencies.readiness.ready
        return as_json(
            {"name": self._model.name, "ready": ready},
            HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    def _feedback(self, request: Request) -> Response | Awaitable[Response]:
        if self._dependencies.predictions.is_long(request):
            return asyncio.to_thread(self._label, request)
        return self._label(request)

    def _label(self, request: Request) -> Response:
        try:
            check_is_json(request)
            body = self._dependencies.predictions.body(request)
            reply = self._dependencies.feedback.take(body, time.time())
        except Exception as error:  # noqa: BLE001 - becomes a response, and is logged
            return error_response(request, error)
        return as_json(reply.content, reply.status)

    def _scrape(self, _request: Request) -> Response:
        return Response(self._dependencies.scrape(), content_type=CONTENT_TYPE)


def _get(endpoint: Endpoint) -> Mapping[str, Endpoint]:
    return {"GET": endpoint, "HEAD": endpoint}


def _fixed(value: descriptions.Json) -> Endpoint:
    response = as_json(value)
    return lambda _request: response
