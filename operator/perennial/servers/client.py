"""Asks model servers whether they are ready, and Gateways whether they use a route."""

import asyncio
import ipaddress
import ssl
from http import HTTPStatus
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

import aiohttp

_TIMEOUT: Final = aiohttp.ClientTimeout(total=2)
_CONNECTIONS: Final = 4
"""Connections of one probe: a Gateway may have several replicas."""


class Redirect(NamedTuple):
    """A redirect that a Gateway answers with as soon as it uses a route."""

    host: str
    """The IP address of the Gateway."""
    port: int
    is_tls: bool
    hostname: str | None
    """The host name of the route, for the Host header and the name in TLS."""
    path: str
    header: tuple[str, str]
    """The name and the value of the header that the rule matches."""
    target: str
    """The path that the redirect leads to."""


class ModelServers(Protocol):
    """The model servers of the cluster."""

    async def is_ready(self, host: str, port: int, model: str) -> bool:
        """Whether a server at this IP address reports the model as ready within two seconds.

        Raises:
            ValueError: `host` is not an IP address.

        """

    async def redirects(self, expected: Redirect) -> bool:
        """Whether each of several connections is answered by this redirect within two seconds.

        Raises:
            ValueError: `host` is not an IP address.

        """


class HttpModelServers:
    """Model servers and Gateways that are reached over HTTP."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._probes: aiohttp.ClientSession | None = None
        self._unverified = _unverified()

    async def is_ready(self, host: str, port: int, model: str) -> bool:
        # Only addresses, no names and no redirects: a tenant must not choose the target.
        url = f"http://{_literal(host)}:{port}/v2/models/{model}/ready"
        try:
            async with self._opened().get(url, allow_redirects=False) as response:
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def redirects(self, expected: Redirect) -> bool:
        host = _literal(expected.host)
        url = f"{'https' if expected.is_tls else 'http'}://{host}:{expected.port}{expected.path}"
        seen = await asyncio.gather(
            *(self._is_redirected(url, expected) for _ in range(_CONNECTIONS))
        )
        return all(seen)

    async def _is_redirected(self, url: str, expected: Redirect) -> bool:
        headers = dict([expected.header])
        if expected.hostname:
            headers["host"] = expected.hostname
        try:
            async with self._opened_for_probes().get(
                url,
                headers=headers,
                allow_redirects=False,
                ssl=self._unverified,
                server_hostname=expected.hostname if expected.is_tls else None,
            ) as response:
                location = urlsplit(response.headers.get("location", ""))
                return response.status == HTTPStatus.FOUND and location.path == expected.target
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def close(self) -> None:
        """Close all connections."""
        for session in (self._session, self._probes):
            if session is not None:
                await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which can only be created while an event loop runs."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False)
        return self._session

    def _opened_for_probes(self) -> aiohttp.ClientSession:
        """Return a session without kept connections: each request may reach another replica."""
        if self._probes is None:
            connector = aiohttp.TCPConnector(force_close=True)
            self._probes = aiohttp.ClientSession(
                connector=connector, timeout=_TIMEOUT, trust_env=False
            )
        return self._probes


def _literal(host: str) -> str:
    """Return an IP address in the form of a URL."""
    address = ipaddress.ip_address(host)
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004


def _unverified() -> ssl.SSLContext:
    """Return settings without verification: a probe carries no secret and only reads a digest."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
