"""Gives kopf its connection to the API server, counts its requests and notices its lists."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import kopf
from kubernetes.aio.client.configuration import Configuration as Connection

from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.resources import RESOURCES, WATCHABLE
from perennial.reconcile.feed import Feed


class Login:
    """Opens a new session whenever the token has expired."""

    def __init__(self, connection: Connection, feed: Feed, metrics: ClusterMetrics) -> None:
        self._connection = connection
        self._feed = feed
        self._metrics = metrics
        self._refused: dict[str, str] | None = None
        self._listed: set[str] = set()

    async def session(self, **_: Any) -> kopf.AiohttpSession:  # noqa: ANN401 - kopf's own
        """Return a session; kopf requests another one when the token is rejected."""
        info = await self._connection_info()
        headers = info.as_http_headers()
        if headers == self._refused:
            raise kopf.PermanentError("the API server refuses the token, and there is no other")
        self._refused = headers
        tracing = aiohttp.TraceConfig()
        tracing.on_request_end.append(self._trace)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=info.as_ssl_context()),
            headers=headers,
            trace_configs=[tracing],
        )
        return kopf.AiohttpSession(server=info.server, aiohttp_session=session)

    async def _connection_info(self) -> kopf.ConnectionInfo:
        header = await self._connection.get_api_key_with_prefix("BearerToken", "authorization")
        scheme, _, token = (header or "").rpartition(" ")
        return kopf.ConnectionInfo(
            server=self._connection.host,
            ca_path=self._connection.ssl_ca_cert,
            insecure=not self._connection.verify_ssl,
            scheme=scheme.title() or None,
            token=token or None,
            certificate_path=self._connection.cert_file,
            private_key_path=self._connection.key_file,
        )

    async def _trace(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        sent: aiohttp.TraceRequestEndParams,
    ) -> None:
        """Count a request; mark its kind as stale when a watch lists again, as it missed events."""
        path, query = sent.url.path, sent.url.query
        kind = _KINDS.get(path.rpartition("/")[2])
        is_listing = kind is not None and "watch" not in query and "continue" not in query
        verb = "WATCH" if "watch" in query else "LIST" if is_listing else sent.method
        self._metrics.requests.labels(verb, str(sent.response.status)).inc()
        if kind is None or not is_listing or not sent.response.ok:
            return
        if path in self._listed:
            self._feed.mark_stale(kind)
        self._listed.add(path)


_KINDS = {RESOURCES[kind].plural: kind for kind in WATCHABLE}
