"""The ASGI application: a body is read and counted, everything else is the service's."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.types import Receive, Scope, Send

from perennial_serving.http.messages import Request, Response
from perennial_serving.http.routes import Service
from perennial_serving.lifecycle import Lifecycle

_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")


class Application:
    """Brings requests to the service: predictions in a thread of their own, the rest at once."""

    def __init__(
        self, service: Service, lifecycle: Lifecycle, version: str, longest_body: int
    ) -> None:
        """Start the thread that predicts."""
        self._service = service
        self._lifecycle = lifecycle
        self._version = version
        self._longest_body = longest_body
        # one thread: more would wait for each other, and the loop stays free for probes
        self._predicting = ThreadPoolExecutor(1, "predicting")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = Incoming(scope, receive)
        try:
            body = await self._body(incoming)
        except ClientDisconnect:
            return
        request = Request(
            method=incoming.method,
            path=scope["path"],
            headers=incoming.headers,
            body=body,
            id=_request_id(incoming),
            arrived=perf_counter(),
        )
        await self._outgoing(request, await self._answer(request))(scope, receive, send)

    async def _body(self, incoming: Incoming) -> bytes:
        """Return the body; what is too long is read no further than it takes to know."""
        body = bytearray()
        async for piece in incoming.stream():
            body += piece
            if len(body) > self._longest_body:
                break
        return bytes(body)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return self._service.handle(request)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._predicting, self._service.handle, request)

    def _outgoing(self, request: Request, response: Response) -> Outgoing:
        headers = {
            **response.headers,
            "content-type": response.content_type,
            "x-perennial-version": self._version,
            "x-request-id": request.id,
        }
        if self._lifecycle.draining:
            headers["connection"] = "close"
        return Outgoing(response.body, response.status, headers)


def _request_id(incoming: Incoming) -> str:
    given = incoming.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
