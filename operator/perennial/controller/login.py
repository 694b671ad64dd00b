"""How kopf reaches the API server; its requests are counted, and its listings are noticed."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import kopf
from kubernetes.aio.client.configuration import Configuration as Connection

from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.resources import RESOURCES, WATCHED
from perennial.reconcile.feed import Feed


class Login:
    """Gives kopf one session after the other, as tokens expire."""

    def __init__(self, connection: Connection, feed: Feed, metrics: ClusterMetrics) -> None:
        """Reach the API server that the rest of the process reaches."""
        self._connection = connection
        self._feed = feed
        self._metrics = metrics
        self._refused: dict[str, str] | None = None
        self._listed: set[str] = set()

    async def session(self, **_: Any) -> kopf.AiohttpSession:  # noqa: ANN401 - kopf's own
        """Return a session; kopf asks for another one when this one's token is refused."""
        reached = await self._reached()
        headers = reached.as_http_headers()
        if headers == self._refused:
            raise kopf.PermanentError("the API server refuses the token, and there is no other")
        self._refused = headers
        tracing = aiohttp.TraceConfig()
        tracing.on_request_end.append(self._noticed)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=reached.as_ssl_context()),
            headers=headers,
            trace_configs=[tracing],
        )
        return kopf.AiohttpSession(server=reached.server, aiohttp_session=session)

    async def _reached(self) -> kopf.ConnectionInfo:
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

    async def _noticed(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        sent: aiohttp.TraceRequestEndParams,
    ) -> None:
        """Count a request; a repeated listing means that the watch before it missed something."""
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


_KINDS = {RESOURCES[kind].plural: kind for kind in WATCHED}
