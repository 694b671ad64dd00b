"""The narrow seam to one configured Prometheus server; no resource ever names its address."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from perennial.prometheus.answer import Series, parse
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.queries import InstantQuery, RangeQuery

_MEBIBYTE = 1 << 20
_CHUNK = 1 << 16
_EXCERPT = 300
_LIMITS_OF_THE_SERVER = ("too many samples", "exceeded maximum resolution", "too many series")


@dataclass(frozen=True)
class Server:
    """A Prometheus server as an administrator configures it."""

    url: str
    """Such as `http://prometheus.monitoring:9090`, with a path prefix where it has one."""
    token_file: Path | None = None
    """Holds a bearer token; read anew for each query, because tokens rotate."""


@dataclass(frozen=True)
class QueryLimits:
    """The most that one query may cost."""

    seconds: float = 10.0
    size: int = 8 * _MEBIBYTE
    """Bytes of an answer."""
    series: int = 20_000
    """200 pods of a model server have as many."""


class PrometheusClient:
    """Asks one server, within limits; every failure is a PrometheusError."""

    def __init__(
        self,
        server: Server,
        acquire: Callable[[], Awaitable[None]],
        limits: QueryLimits = QueryLimits(),
    ) -> None:
        """Ask this server; `acquire` returns when the next query may go out."""
        self._server = server
        self._acquire = acquire
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def query(self, query: InstantQuery) -> tuple[Series, ...]:
        """Return a vector, or the samples that a range selector finds."""
        fields = {"query": query.expression, "time": f"{query.time:.3f}"}
        return await self._ask("query", fields)

    async def query_range(self, query: RangeQuery) -> tuple[Series, ...]:
        """Return the values of an expression at equal steps."""
        fields = {
            "query": query.expression,
            "start": f"{query.start:.3f}",
            "end": f"{query.end:.3f}",
            "step": f"{query.step:.3f}",
        }
        return await self._ask("query_range", fields)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(self, endpoint: str, fields: Mapping[str, str]) -> tuple[Series, ...]:
        await self._acquire()
        bounds = {
            "timeout": f"{self._limits.seconds:.3f}",
            "limit": str(self._limits.series + 1),  # older servers ignore it
        }
        try:
            status, body = await self._post(endpoint, {**fields, **bounds})
        except TimeoutError as error:
            message = f"no answer within {self._limits.seconds:g} s"
            raise PrometheusError(ErrorKind.UNREACHABLE, message) from error
        except (aiohttp.ClientError, OSError) as error:
            raise PrometheusError(ErrorKind.UNREACHABLE, f"{error!r}") from error
        return await asyncio.to_thread(_series, status, body, self._limits.series)

    async def _post(self, endpoint: str, fields: Mapping[str, str]) -> tuple[int, bytes]:
        url = f"{self._server.url.rstrip('/')}/api/v1/{endpoint}"
        asking = self._open_session().post(
            url, data=fields, headers=self._headers(), allow_redirects=False
        )
        async with asking as response:
            _check_head(response)
            return response.status, await self._body(response)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._limits.size:
                message = f"the answer exceeds {self._limits.size} bytes: select fewer series"
                raise PrometheusError(ErrorKind.TOO_MUCH, message)
        return bytes(body)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._server.token_file is not None:
            headers["Authorization"] = f"Bearer {_token(self._server.token_file)}"
        return headers

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._limits.seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # the limit of size holds for what is parsed
                trust_env=False,
            )
        return self._session


def _token(file: Path) -> str:
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        message = f"the token file {file} cannot be read ({error!r})"
        raise PrometheusError(ErrorKind.REFUSED, message) from error
    if not token.isprintable() or not token:
        raise PrometheusError(ErrorKind.REFUSED, f"the token file {file} holds no token")
    return token


def _check_head(response: aiohttp.ClientResponse) -> None:
    if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        message = "the server redirects, which is not followed: configure its final URL"
        raise PrometheusError(ErrorKind.REFUSED, message)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        message = "the answer is compressed, although that was not accepted"
        raise PrometheusError(ErrorKind.BAD_ANSWER, message)


def _series(status: int, body: bytes, most: int) -> tuple[Series, ...]:
    return parse(_data(status, body), most)


def _data(status: int, body: bytes) -> Mapping[str, Any]:
    """Return `data` of an answer that succeeded, or raise for what it is instead."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    succeeded = isinstance(answer, dict) and answer.get("status") == "success"
    if status == HTTPStatus.OK and succeeded:
        return answer.get("data") or {}
    message = answer.get("error") if isinstance(answer, dict) else None
    if status == HTTPStatus.OK:
        raise PrometheusError(ErrorKind.BAD_ANSWER, f"no JSON of a query: {_excerpt(body)}")
    raise PrometheusError(
        _kind(status, str(message)), f"HTTP {status}: {message or _excerpt(body)}"
    )


def _kind(status: int, message: str) -> ErrorKind:
    if any(limit in message for limit in _LIMITS_OF_THE_SERVER):
        return ErrorKind.TOO_MUCH
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in (408, 429):
        return ErrorKind.UNREACHABLE
    return ErrorKind.REFUSED


def _excerpt(body: bytes) -> str:
    return repr(body[:_EXCERPT].decode(errors="replace"))
