"""One function from request to response: routes, refusals and counting, without a socket."""

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from secrets import compare_digest
from time import perf_counter
from typing import Final

from perennial_serving.http import descriptions
from perennial_serving.http.messages import Request, Response, as_json, read_body
from perennial_serving.lifecycle import Lifecycle
from perennial_serving.metrics import Metrics
from perennial_serving.model import ServedModel
from perennial_serving.settings import Limits
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.rows import RowsReader, write_predictions
from perennial_serving.wire.v2 import TensorsReader, write_inference

Endpoint = Callable[[Request], Response]

log = logging.getLogger(__name__)

OWN_CHECK: Final = "x-perennial-self-check"
"""Header by which the server's check of itself proves that it is no caller."""

_MODEL: Final = r"/v2/models/(?P<model>[^/]+)(?:/versions/(?P<version>[^/]+))?"


class Service:
    """Everything that the server answers, for one model."""

    def __init__(
        self, model: ServedModel, limits: Limits, metrics: Metrics, lifecycle: Lifecycle
    ) -> None:
        """Prepare the readers of request bodies."""
        offered = tuple(descriptions.outputs_of(model))
        self._model = model
        self._limits = limits
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._rows = RowsReader(model.schema, limits.rows)
        self._tensors = TensorsReader(model.schema, offered, limits.rows)
        self._routes: tuple[tuple[re.Pattern[str], Mapping[str, Endpoint]], ...] = (
            (re.compile(r"/predict"), {"POST": self._predict}),
            (re.compile(rf"{_MODEL}/infer"), {"POST": self._infer}),
            (re.compile(r"/v2/health/live"), {"GET": self._live}),
            (re.compile(r"/v2/health/ready"), {"GET": self._ready}),
            (re.compile(r"/metrics"), {"GET": self._scrape}),
            (re.compile(r"/"), {"GET": self._index}),
            (re.compile(r"/v2/?"), {"GET": self._server_metadata}),
            (re.compile(_MODEL), {"GET": self._model_metadata}),
            (re.compile(rf"{_MODEL}/ready"), {"GET": self._ready}),
        )

    def handle(self, request: Request) -> Response:
        """Answer a request, whatever is wrong with it."""
        return _guarded(request, lambda: self._endpoint(request)(request))

    def _endpoint(self, request: Request) -> Endpoint:
        for pattern, endpoints in self._routes:
            if match := pattern.fullmatch(request.path):
                self._check_names(match.groupdict())
                method = "GET" if request.method == "HEAD" else request.method
                return endpoints.get(method) or _method_refused(endpoints)
        raise Refusal(f"there is nothing at {request.path}", status=HTTPStatus.NOT_FOUND)

    def _check_names(self, asked: Mapping[str, str | None]) -> None:
        served = {"model": self._model.name, "version": self._model.version}
        for kind, name in asked.items():
            if name is not None and name != served[kind]:
                error = f"there is no {kind} {name}: {served[kind]} is served here"
                raise Refusal(error, status=HTTPStatus.NOT_FOUND)

    def _index(self, _request: Request) -> Response:
        return as_json(descriptions.model_page(self._model))

    def _server_metadata(self, _request: Request) -> Response:
        return as_json(descriptions.SERVER)

    def _model_metadata(self, _request: Request) -> Response:
        return as_json(descriptions.model_metadata(self._model))

    def _live(self, _request: Request) -> Response:
        return as_json({"live": True})

    def _ready(self, _request: Request) -> Response:
        ready = self._lifecycle.ready
        return as_json(
            {"name": self._model.name, "ready": ready},
            HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    def _scrape(self, request: Request) -> Response:
        body, content_type = self._metrics.exposition(request.headers.get("accept", ""))
        return Response(body, content_type=content_type)

    def _predict(self, request: Request) -> Response:
        return self._counted(request, self._answer_rows)

    def _infer(self, request: Request) -> Response:
        return self._counted(request, self._answer_tensors)

    def _answer_rows(self, body: bytes) -> Response:
        model, table = self._model, self._rows.read(body)
        answers = model.answer(table)
        written = write_predictions(answers, model.schema, model.name, model.version)
        return Response(written, rows=table.rows)

    def _answer_tensors(self, body: bytes) -> Response:
        model, asked = self._model, self._tensors.read(body)
        answers = model.answer(asked.table)
        written = write_inference(answers, asked, model.schema, model.name, model.version)
        return Response(written, rows=asked.table.rows)

    def _counted(self, request: Request, answer: Callable[[bytes], Response]) -> Response:
        own = self._is_own_check(request)
        if not (self._lifecycle.verified or own):
            raise Refusal("not verified yet", status=HTTPStatus.SERVICE_UNAVAILABLE)
        response = _guarded(request, lambda: answer(read_body(request, self._limits.body_bytes)))
        if not own:
            seconds = perf_counter() - request.arrived
            self._metrics.count(response.status, response.rows, seconds)
        return response

    def _is_own_check(self, request: Request) -> bool:
        shown = request.headers.get(OWN_CHECK, "").encode()
        return compare_digest(shown, self._lifecycle.pass_phrase.encode())


def _guarded(request: Request, answer: Callable[[], Response]) -> Response:
    """Turn a refusal into its response, and a fault of ours into one that tells no more."""
    try:
        return answer()
    except Refusal as refusal:
        place = {} if refusal.path is None else {"path": refusal.path}
        return as_json({"error": refusal.error, **place}, refusal.status, refusal.headers)
    except Exception:
        log.exception("request %s failed", request.id)
        error = f"the server failed; its log says why under {request.id}"
        return as_json({"error": error}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _method_refused(endpoints: Mapping[str, Endpoint]) -> Endpoint:
    allowed = ", ".join(endpoints)
    raise Refusal(
        f"send {allowed} here", status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"allow": allowed}
    )
