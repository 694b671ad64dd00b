"""Asks a model server over the Open Inference Protocol whether it is ready."""

import ipaddress
from http import HTTPStatus
from typing import Final, Protocol

import aiohttp

_TIMEOUT: Final = aiohttp.ClientTimeout(total=2)


class ModelServers(Protocol):
    """The model servers of the cluster."""

    async def is_ready(self, host: str, port: int, model: str) -> bool:
        """Whether a server at this IP address reports the model as ready within two seconds.

        Raises:
            ValueError: `host` is not an IP address.

        """


class HttpModelServers:
    """Model servers that are reached over HTTP."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def is_ready(self, host: str, port: int, model: str) -> bool:
        # Only addresses, no names and no redirects: a tenant must not choose the target.
        address = ipaddress.ip_address(host)
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        url = f"http://{literal}:{port}/v2/models/{model}/ready"
        try:
            async with self._opened().get(url, allow_redirects=False) as response:
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which can only be created while an event loop runs."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False)
        return self._session
