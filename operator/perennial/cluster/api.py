"""Requests to one API server: authenticated, paced, fenced, counted, with typed errors."""

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
from perennial.cluster.errors import Fenced, Transient, from_answer
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.rate_limiter import RateLimiter

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
ONLY_METADATA: Final = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
)

_LONGEST_REQUEST = 30.0
_LONGEST_CONNECT = 5.0


async def connection(kubeconfig: Path | None) -> Configuration:
    """Return how to reach the API server: by this file, else as a pod of the cluster."""
    configuration = Configuration()
    if kubeconfig is None:
        load_incluster_config(client_configuration=configuration)
    else:
        await load_kube_config(str(kubeconfig), client_configuration=configuration)
    configuration.client_session_kwargs = {"trust_env": False}
    return configuration


Body = Manifest | list[Manifest] | None


class _Request(NamedTuple):
    verb: str
    method: str
    url: str
    headers: dict[str, str]
    body: Body
    seconds: float


class Api:
    """One API server."""

    def __init__(
        self,
        configuration: Configuration,
        limiter: RateLimiter,
        metrics: ClusterMetrics,
        may_write: Callable[[], bool],
    ) -> None:
        """Connect with the first request."""
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
        """Send one request in its turn, and a write only while leading."""
        await self._limiter.acquire()
        if method != "GET" and not self._may_write():
            raise Fenced(f"{method} {path} was not sent: this replica no longer leads")
        url = f"{path}?{urlencode(query)}" if query else path
        verb = "APPLY" if content_type == APPLY else method
        headers = {"Content-Type": content_type, "Accept": accept}
        return await self._send(_Request(verb, method, url, headers, body, _LONGEST_REQUEST))

    async def urgent(
        self, method: str, path: str, body: Body = None, *, seconds: float
    ) -> Manifest:
        """Send one request about the lease, which neither waits for its turn nor needs the lead."""
        headers = {"Content-Type": JSON, "Accept": JSON}
        return await self._send(_Request("LEASE", method, path, headers, body, seconds))

    async def close(self) -> None:
        """Close every connection."""
        await self._rest.close()

    async def _send(self, asked: _Request) -> Manifest:
        try:
            answer = await self._rest.request(
                asked.method,
                f"{self._configuration.host}{asked.url}",
                headers={**asked.headers, **await self._identity()},
                body=asked.body,
                _request_timeout=aiohttp.ClientTimeout(
                    asked.seconds, sock_connect=_LONGEST_CONNECT
                ),
            )
            content = _decode(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._metrics.requests.labels(asked.verb, "0").inc()
            cause = f"{type(error).__name__}: {error}"
            raise Transient(f"{asked.method} {asked.url}: {cause}") from error
        self._metrics.requests.labels(asked.verb, str(answer.status)).inc()
        if answer.status >= 300:  # noqa: PLR2004
            raise from_answer(answer.status, content, _retry_after(answer.headers))
        return content

    async def _identity(self) -> dict[str, str]:
        # The configuration reads a ServiceAccount's token anew every minute: tokens rotate.
        token = await self._configuration.get_api_key_with_prefix("BearerToken", "authorization")
        known = {"User-Agent": "perennial"}
        return {**known, "Authorization": token} if token else known


def _decode(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data or b"{}")
    except ValueError:
        return {"message": data[:512].decode(errors="replace")}
    return content if isinstance(content, dict) else {"message": str(content)[:512]}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    stated = headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else None
