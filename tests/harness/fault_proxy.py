"""A proxy before the API server that loses, refuses and falsifies watches, or falls silent."""

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

GONE = {
    "type": "ERROR",
    "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"},
}
BROKEN = {"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "broken"}}
_JSON = {"Content-Type": "application/json"}
PASSED_ON = ("Accept", "Content-Type", "Authorization")


@dataclass
class FaultProxy:
    """Plain HTTP, the API server behind; a watch is named by its plural."""

    server: str
    context: ssl.SSLContext
    loop: asyncio.AbstractEventLoop
    session: aiohttp.ClientSession
    ends: asyncio.Event = field(default_factory=asyncio.Event)
    refused_watches: dict[str, int] = field(default_factory=dict)
    """Watches that get this HTTP status."""
    held_watches: set[str] = field(default_factory=set)
    """Watches that begin only when their name is out of here."""
    said_first: dict[str, Any] = field(default_factory=dict)
    """What the next watch says before it ends."""
    hidden: set[str] = field(default_factory=set)
    """Paths that do not exist, as those of a group and version that is not installed."""
    refusal: int = 0
    """The HTTP status that everything gets; 0: nothing is refused."""
    is_silent: bool = False
    """Whether nothing gets through, as where the network is cut; afterwards everything does."""
    _open: list[tuple[str, asyncio.Task[None]]] = field(default_factory=list)

    def cut(self, plural: str, then: dict[str, Any] | None = None) -> None:
        """End the open watches of a kind; the next one says only this, if anything is given."""
        if then is not None:
            self.said_first[plural] = then
        for watched, task in self._open:
            if watched == plural:
                self.loop.call_soon_threadsafe(task.cancel)

    def cut_all(self) -> None:
        """End every open watch."""
        for _, task in self._open:
            task.cancel()

    def end(self) -> None:
        """Stop listening."""
        self.loop.call_soon_threadsafe(self.ends.set)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        await self._audible()
        if self.refusal:
            return _refused(self.refusal)
        if request.path in self.hidden:
            return _refused(HTTPStatus.NOT_FOUND)
        try:
            if "watch" in request.query:
                return await self._watch(request)
            return await self._answered(request)
        except aiohttp.ClientConnectionError:  # nobody listens behind the proxy
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _answered(self, request: web.Request) -> web.Response:
        async with self._forwarded(request) as answer:
            body = await answer.read()
            return web.Response(body=body, status=answer.status, headers=_type_of(answer))

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        plural = request.path.rpartition("/")[2]
        while plural in self.held_watches:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.05)
        said = self.said_first.pop(plural, None)
        if said is None and plural in self.refused_watches:
            return _refused(self.refused_watches[plural])
        if said is not None:
            return web.Response(body=json.dumps(said).encode() + b"\n", headers=_JSON)
        async with self._forwarded(request) as answer:
            response = web.StreamResponse(status=answer.status, headers=_type_of(answer))
            await response.prepare(request)
            task = asyncio.create_task(self._copied(answer, response))
            self._open.append((plural, task))
            with suppress(asyncio.CancelledError, ConnectionError, aiohttp.ClientError):
                await task
            return response

    async def _copied(self, answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
        async for chunk in answer.content.iter_any():
            await self._audible()
            await response.write(chunk)

    async def _audible(self) -> None:
        while self.is_silent:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.05)

    def _forwarded(
        self, request: web.Request
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.session.request(
            request.method,
            f"{self.server}{request.path_qs}",
            data=request.content if request.can_read_body else None,
            headers={name: request.headers[name] for name in PASSED_ON if name in request.headers},
            ssl=self.context,
            timeout=aiohttp.ClientTimeout(),
        )


@contextmanager
def running(kubeconfig: Path, folder: Path) -> Iterator[tuple[FaultProxy, Path]]:
    """Run a proxy; yield it, and a kubeconfig that leads through it with the same token."""
    with listening(kubeconfig) as (proxy, url):
        content = yaml.safe_load(kubeconfig.read_text())
        content["clusters"][0]["cluster"] = {"server": url}
        through = folder / "through-proxy.kubeconfig"
        through.write_text(json.dumps(content))
        yield proxy, through


@contextmanager
def listening(kubeconfig: Path, host: str = "127.0.0.1") -> Iterator[tuple[FaultProxy, str]]:
    """Run a proxy at this address; yield it, and its URL."""
    content = yaml.safe_load(kubeconfig.read_text())
    cluster = content["clusters"][0]["cluster"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    begun: Future[tuple[FaultProxy, int]] = Future()
    serving = _serve(cluster["server"], context, host, begun)
    thread = threading.Thread(target=lambda: asyncio.run(serving), daemon=True)
    thread.start()
    proxy, port = begun.result(timeout=10)
    try:
        yield proxy, f"http://{host}:{port}"
    finally:
        proxy.end()
        thread.join()


async def _serve(
    server: str, context: ssl.SSLContext, host: str, begun: Future[tuple[FaultProxy, int]]
) -> None:
    async with aiohttp.ClientSession(trust_env=False) as session:
        proxy = FaultProxy(server, context, asyncio.get_running_loop(), session)
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", proxy.handle)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        begun.set_result((proxy, runner.addresses[0][1]))
        await proxy.ends.wait()
        proxy.cut_all()
        await runner.cleanup()
    await asyncio.sleep(0.2)  # closed TLS connections need a moment to be gone


def _type_of(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the type of an answer: not every client asks for JSON."""
    return {"Content-Type": answer.headers.get("Content-Type", _JSON["Content-Type"])}


def _refused(code: int) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "message": "refused"}, status=code)
