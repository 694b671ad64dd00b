"""A proxy before the API server that loses, refuses and falsifies watches on request."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

GONE = {
    "type": "ERROR",
    "object": {
        "kind": "Status",
        "code": 410,
        "reason": "Expired",
        "message": "too old resource version",
    },
}
BROKEN = {"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "broken"}}


@dataclass
class FaultProxy:
    """Plain HTTP on the loopback interface, the API server behind it."""

    server: str
    context: ssl.SSLContext
    requests: list[tuple[str, str]] = field(default_factory=list)
    refuse_watches: dict[str, int] = field(default_factory=dict)
    next_watch_says: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse_all: int = 0
    port: int = 0
    _watches: list[tuple[str, asyncio.Task[Any]]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None

    def writes(self) -> list[tuple[str, str]]:
        """Return every request that changes something, but for the lease."""
        return [
            (method, path)
            for method, path in self.requests
            if method != "GET" and "/leases" not in path
        ]

    def cut(self, plural: str, then: dict[str, Any] | None = None) -> None:
        """End the open watches of a kind; the next one begins with this event, if any."""
        if then is not None:
            self.next_watch_says[plural] = then
        assert self._loop is not None
        for watched, task in self._watches:
            if watched == plural:
                self._loop.call_soon_threadsafe(task.cancel)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        if self.refuse_all:
            return web.json_response({"message": "away"}, status=self.refuse_all)
        if "watch" in request.query:
            return await self._watch(request)
        async with self._forward(request) as answer:
            body = await answer.read()
            kept = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
            return web.Response(body=body, status=answer.status, headers=kept)

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        plural = request.path.rpartition("/")[2]
        if code := self.refuse_watches.get(plural):
            return web.json_response({"kind": "Status", "code": code}, status=code)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if said := self.next_watch_says.pop(plural, None):
            await response.write(json.dumps(said).encode() + b"\n")
            return response
        task = asyncio.create_task(self._copy(request, response))
        self._watches.append((plural, task))
        with suppress(asyncio.CancelledError, ConnectionError):
            await task
        return response

    async def _copy(self, request: web.Request, response: web.StreamResponse) -> None:
        async with self._forward(request) as answer:
            async for chunk in answer.content.iter_any():
                await response.write(chunk)

    def _forward(self, request: web.Request) -> Any:
        headers = {
            name: request.headers[name]
            for name in ("Accept", "Content-Type", "Authorization")
            if name in request.headers
        }
        return self._session.request(
            request.method,
            f"{self.server}{request.path_qs}",
            data=request.content if request.can_read_body else None,
            headers=headers,
            ssl=self.context,
            timeout=aiohttp.ClientTimeout(),
        )

    @property
    def _session(self) -> aiohttp.ClientSession:
        if not hasattr(self, "_opened"):
            self._opened = aiohttp.ClientSession(trust_env=False)
        return self._opened

    async def close(self) -> None:
        for _, task in self._watches:
            task.cancel()
        await self._session.close()


@contextmanager
def running(kubeconfig: Path, folder: Path) -> Iterator[tuple[FaultProxy, Path]]:
    """Run a proxy; yield it, and the kubeconfig that leads through it with the same token."""
    content = yaml.safe_load(kubeconfig.read_text())
    cluster = content["clusters"][0]["cluster"]
    proxy = FaultProxy(cluster["server"], _context(cluster))
    thread, stop = _started(proxy)
    content["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{proxy.port}"}
    through = folder / "through-proxy.kubeconfig"
    through.write_text(json.dumps(content))
    try:
        yield proxy, through
    finally:
        stop()
        thread.join()


def _context(cluster: dict[str, str]) -> ssl.SSLContext:
    if "certificate-authority" in cluster:
        return ssl.create_default_context(cafile=cluster["certificate-authority"])
    import base64

    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    return ssl.create_default_context(cadata=authority)


def _started(proxy: FaultProxy) -> tuple[threading.Thread, Callable[[], None]]:
    listening: Future[asyncio.Event] = Future()

    async def serve() -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", proxy.handle)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.1)
        await site.start()
        proxy.port = runner.addresses[0][1]
        proxy._loop = asyncio.get_running_loop()
        ends = asyncio.Event()
        listening.set_result(ends)
        await ends.wait()
        await proxy.close()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ends = listening.result(timeout=10)
    assert proxy._loop is not None
    loop = proxy._loop
    return thread, lambda: loop.call_soon_threadsafe(ends.set)
