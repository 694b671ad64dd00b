"""An HTTP client of one worker, over a socket pair instead of the port."""

import asyncio
import socket
from collections.abc import Callable, Mapping

from perennial_serving.http.protocol import Connection


class LoopbackClient:
    """Sends requests to this worker; on the port, the kernel would choose the worker."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body of the response; raise EOFError if there is none."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(self._connection, theirs)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            writer.write(_head(path, headers, len(body)) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            return int(head.split(maxsplit=2)[1]), await reader.read()
        finally:
            writer.close()


def _head(path: str, headers: Mapping[str, str], length: int) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        *("host: localhost", "connection: close", f"content-length: {length}"),
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
