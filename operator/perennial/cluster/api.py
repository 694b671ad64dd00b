"""Requests to the API server: authenticated, rate-limited, fenced, counted, typed errors."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config import load_incluster_config, load_kube_config

from perennial.api.manifest import Manifest
from perennial.cluster.errors import FencedError, TransientError, from_response
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.rate_limiter import RateLimiter

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml; charset=utf-8"
"""With the parameter, the client library sends the bytes that it is given."""
MERGE: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
ONLY_METADATA: Final = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
)

_LONGEST_REQUEST = 30.0
_LONGEST_CONNECT = 5.0


async def connection(kubeconfig: Path | None) -> Configuration:
    """Return the connection from a kubeconfig, or from the ServiceAccount of this pod."""
    configuration = Configuration()
    if kubeconfig is None:
        load_incluster_config(client_configuration=configuration)
    else:
        await load_kube_config(str(kubeconfig), client_configuration=configuration)
    configuration.client_session_kwargs = {"trust_env": False}
    return configuration


Body = Manifest | list[Manifest] | bytes | None


class _Request(NamedTuple):
    verb: str
    method: str
    url: str
    headers: dict[str, str]
    body: Body
    seconds: float


class Api:
    """Sends requests to one API server; the first one opens the connection."""

    def __init__(
        self,
        configuration: Configuration,
        limiter: RateLimiter,
        metrics: ClusterMetrics,
        may_write: Callable[[], bool],
    ) -> None:
        self._configuration = configuration
        self._rest = RESTClientObject(configuration)
        self._limiter = limiter
        self._metrics = metrics
        self._may_write = may_write

    async def request(
        self,
        method: str,
        path: str,
        body: Body = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        query: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Send a request when the rate limiter allows it; a write needs the lease."""
        await self._limiter.acquire()
        if method != "GET" and not self._may_write():
            raise FencedError(
                f"{method} {path} was not sent: this replica no longer holds the lease"
            )
        url = f"{path}?{urlencode(query)}" if query else path
        verb = "APPLY" if content_type == APPLY else method
        headers = {"Content-Type": content_type, "Accept": accept}
        return await self._send(_Request(verb, method, url, headers, body, _LONGEST_REQUEST))

    async def urgent(
        self, method: str, path: str, body: Body = None, *, seconds: float
    ) -> Manifest:
        """Send a request about the lease, which is neither rate-limited nor fenced."""
        headers = {"Content-Type": JSON, "Accept": JSON}
        return await self._send(_Request("LEASE", method, path, headers, body, seconds))

    async def close(self) -> None:
        """Close all connections."""
        await self._rest.close()

    async def _send(self, request: _Request) -> Manifest:
        try:
            response = await self._rest.request(
                request.method,
                f"{self._configuration.host}{request.url}",
                headers={**request.headers, **await self._identity()},
                body=request.body,
                _request_timeout=aiohttp.ClientTimeout(
                    request.seconds, sock_connect=_LONGEST_CONNECT
                ),
            )
            content = _decode(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._metrics.requests.labels(request.verb, "0").inc()
            cause = f"{type(error).__name__}: {error}"
            raise TransientError(f"{request.method} {request.url}: {cause}") from error
        self._metrics.requests.labels(request.verb, str(response.status)).inc()
        if response.status >= 300:  # noqa: PLR2004
            raise from_response(response.status, content, _retry_after(response.headers))
        return content

    async def _identity(self) -> dict[str, str]:
        # Tokens of ServiceAccounts rotate; the configuration reads the file again every minute.
        token = await self._configuration.get_api_key_with_prefix("BearerToken", "authorization")
        agent = {"User-Agent": "perennial"}
        return {**agent, "Authorization": token} if token else agent


def _decode(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data or b"{}")
    except ValueError:
        return {"message": data[:512].decode(errors="replace")}
    return content if isinstance(content, dict) else {"message": str(content)[:512]}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    stated = headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else None
