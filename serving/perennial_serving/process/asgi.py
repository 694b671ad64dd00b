"""The same answers as an ASGI application, for whoever needs TLS, HTTP/2 or middleware.

    uvicorn --factory perennial_serving.process.asgi:application --ssl-certfile ...
    granian --interface asgi --factory perennial_serving.process.asgi:application --http 2

The server that runs it has to send lifespan events, and owns connections, limits and the end.
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
from perennial_serving.process.assembly import Assembly, Place, assemble
from perennial_serving.process.serve import prediction_key
from perennial_serving.settings import ServeSettings

# ASGI says of its messages only that they are dictionaries
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_TOO_LARGE: Final = 413


def application() -> "Application":
    """Make the application that the environment describes: one process, one model."""
    settings = ServeSettings.from_environment(os.environ)
    place = Place(0, Shared.create(1), prediction_key(settings))
    return Application(assemble(settings, place), settings, load_samples(settings.folder))


class Application:
    """Brings requests from an ASGI server to the service."""

    def __init__(self, parts: Assembly, settings: ServeSettings, samples: Samples) -> None:
        """Answer nothing but probes until the samples are answered as they must be."""
        self._parts = parts
        self._settings = settings
        self._samples = samples
        self._ids = RequestIds()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or live through the server's life."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
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
        """Return the body, or None if nobody waits any more; a long one is read no further."""
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
            ("x-perennial-version", self._settings.version),
            ("x-request-id", request.id),
            *response.headers,
        )
        encoded: Headers = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        start = {"type": "http.response.start", "status": response.status, "headers": encoded}
        await send(start)
        body = b"" if request.method == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._parts.prove(self._samples, self._ask)
        except ArtifactError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        flushing = asyncio.ensure_future(self._parts.counters.flush_regularly())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        flushing.cancel()
        self._parts.counters.flush()
        await send({"type": "lifespan.shutdown.complete"})

    async def _ask(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Call this application as its server does."""
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": path, "headers": encoded}
        answered: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            answered.append(message)

        await self(scope, receive, send)
        start, content = answered
        return int(start["status"]), bytes(content["body"])
