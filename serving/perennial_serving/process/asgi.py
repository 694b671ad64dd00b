"""The same endpoints as an ASGI application, for TLS, HTTP/2 or middleware.

    uvicorn --factory perennial_serving.process.asgi:application --ssl-certfile ...
    granian --interface asgi --factory perennial_serving.process.asgi:application --http 2

The ASGI server must send lifespan events; it is responsible for connections, limits and shutdown.
"""

import perennial_serving.process.thread_limits  # noqa: F401 - before whoever heeds it

# isort: split
import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any, Final

from perennial.artifacts.answers import Samples, load_samples
from perennial.artifacts.errors import ArtifactError
from perennial_serving.counters.shared import Shared
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.http.request_ids import RequestIds
from perennial_serving.process.assembly import Assembly, WorkerContext, assemble
from perennial_serving.process.serve import prediction_key
from perennial_serving.settings import ServeSettings

# ASGI specifies messages as dictionaries
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_TOO_LARGE: Final = 413


def application() -> "Application":
    """Create the application from environment variables: one process, one model."""
    settings = ServeSettings.from_environment(os.environ)
    context = WorkerContext(0, Shared.create(1), prediction_key(settings))
    return Application(assemble(settings, context), settings, load_samples(settings.folder))


class Application:
    """Passes requests of an ASGI server to the service; 503 until the self-check has passed."""

    def __init__(self, parts: Assembly, settings: ServeSettings, samples: Samples) -> None:
        self._parts = parts
        self._settings = settings
        self._samples = samples
        self._identity = settings.identity
        self._ids = RequestIds()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request, or the lifespan of the server."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await send({"type": "websocket.close"})

    async def _answer(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        request_id = self._ids.of(headers.get(b"x-request-id"))
        body = await self._body(receive)
        if body is None:
            return
        method, path = scope["method"], scope["path"]
        request = Request(method, path, headers, body, request_id, perf_counter())
        if len(body) > self._settings.body_bytes:
            error = f"a body may have {self._settings.body_bytes} bytes"
            response = as_json({"error": error}, _TOO_LARGE)
            self._parts.service.count(request, response)
        else:
            answer = self._parts.service.handle(request)
            response = answer if isinstance(answer, Response) else await answer
        await self._send(request, response, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, or None if the client has disconnected; stop reading a body too long."""
        body, more = bytearray(), True
        while more and len(body) <= self._settings.body_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(body)

    async def _send(self, request: Request, response: Response, send: Send) -> None:
        headers = (
            ("content-type", response.content_type),
            ("content-length", str(len(response.body))),
            *self._identity,
            ("x-request-id", request.id),
            *response.headers,
        )
        encoded: Headers = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        start = {"type": "http.response.start", "status": response.status, "headers": encoded}
        await send(start)
        body = b"" if request.method == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._parts.run_self_check(self._samples, self._post)
        except ArtifactError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        flushing = asyncio.ensure_future(self._parts.counters.flush_regularly())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        flushing.cancel()
        self._parts.counters.flush()
        await send({"type": "lifespan.shutdown.complete"})

    async def _post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Call this application as an ASGI server does."""
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": path, "headers": encoded}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            sent.append(message)

        await self(scope, receive, send)
        start, content = sent
        return int(start["status"]), bytes(content["body"])
