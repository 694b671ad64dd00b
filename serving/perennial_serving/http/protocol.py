"""HTTP/1.1 on one connection: requests go to the handler, responses return in order."""

import asyncio
from collections import deque
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Final, cast

from perennial_serving.http.connections import Connections
from perennial_serving.http.errors import ProtocolError
from perennial_serving.http.limits import HEAD_BYTES
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.http.parser import Phase, RequestParser
from perennial_serving.http.response_heads import CLOSE
from perennial_serving.http.state import State

_LINGER_SECONDS: Final = 5.0
_COPIED_BYTES: Final = 64 << 10
_BODY_PIECE: Final = 256 << 10
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


# aliases, because a global is found faster than an attribute of the Enum
_READING, _ANSWERING, _QUEUEING, _BLOCKED, _CLOSING = State


class Connection(asyncio.Protocol):
    """One connection. It reads nothing while a response is pending or cannot be written."""

    __slots__ = (
        *("_shared", "_handle", "_parser", "_transport"),
        *("_state", "_is_stalled", "_is_half_closed", "_blocked_since"),
        *("_queue", "_unparsed"),
    )

    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self._handle = shared.handle
        self._parser = RequestParser(shared, self._receive)
        self._state = _READING
        # the client does not read its responses; possible in every state
        self._is_stalled = False
        # the client has sent its last byte; possible in every state but READING
        self._is_half_closed = False
        self._blocked_since = 0.0  # when it began to stall, or to close
        # parsed requests, then perhaps an error, then bytes: all in order of arrival
        self._queue: deque[tuple[Request, str] | ProtocolError] = deque()
        self._unparsed = memoryview(b"")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection; beyond the limit only probes and scrapes are served."""
        self._transport = cast(asyncio.Transport, transport)
        if not self._shared.add(self):
            self._handle = self._shared.handle_over_limit
            self._parser = RequestParser(self._shared, self._receive, CLOSE)

    def data_received(self, data: bytes) -> None:
        """Parse input, or keep it; long input is parsed in pieces, to be fair to others."""
        if self._state is _READING and len(data) <= HEAD_BYTES:
            self._feed(data)
        elif self._state is not _CLOSING:
            self._unparsed = memoryview(bytes(self._unparsed) + data)
            self._resume()

    def eof_received(self) -> bool:
        """Keep the connection open for writing while requests are unanswered."""
        if self._state is _READING or self._state is _CLOSING:
            return False
        self._is_half_closed = True
        self._hold()
        return True

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read."""
        self._is_stalled = True
        self._blocked_since = self._shared.now
        self._hold()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Continue after the client has read."""
        self._is_stalled = False
        self._blocked_since = self._shared.now
        self._resume()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a protocol's method
        """Discard everything; a pending response will be dropped."""
        self._discard_input()
        self._shared.discard(self)
        self._parser.close()

    def check(self, now: float) -> None:
        """Close the connection if it has exceeded a timeout."""
        limits, waited = self._shared.limits, now - self._parser.since
        if self._is_stalled or self._state is _CLOSING:
            patience = limits.body_seconds if self._is_stalled else _LINGER_SECONDS
            if now - self._blocked_since > patience:
                self.abort()
        elif self._state is _READING:
            match self._parser.phase:
                case Phase.NOTHING if waited > self._idle_limit():
                    self.close_if_idle()
                case Phase.HEAD if waited > limits.header_seconds:
                    self._reject(_late("head"))
                case Phase.BODY if waited > limits.body_seconds:
                    self._reject(_late("body"))

    def _idle_limit(self) -> float:
        """Return the seconds of silence allowed; fewer before the first request."""
        limits = self._shared.limits
        return limits.idle_seconds if self._parser.has_begun else limits.header_seconds

    def close_if_idle(self) -> None:
        """Close the connection unless a request has begun or is unanswered."""
        if self._state is _READING and self._parser.phase is Phase.NOTHING:
            self._discard_input()
            self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def _feed(self, data: bytes) -> None:
        parser = self._parser
        try:
            parser.feed(data)
        except ProtocolError as error:
            self._reject(error)
        else:
            if parser.expects_continue:
                self._send_continue()

    def _send_continue(self) -> None:
        """Request the body that the client holds back, once earlier requests are answered."""
        if self._state is not _READING:
            self._hold()
        elif self._parser.expects_continue:
            self._parser.expects_continue = False
            self._transport.write(_CONTINUE)

    def _receive(self, request: Request, persistence: str) -> None:
        """Answer a request, now or after earlier ones."""
        if self._state is not _READING:
            if self._state is not _CLOSING:
                self._queue.append((request, persistence))
                self._hold()
            return
        try:
            answer = self._handle(request)
        except Exception as error:  # noqa: BLE001 - logged there; every request gets a response
            answer = self._shared.failed(request, error)
        if isinstance(answer, Response):
            self._respond(request, answer, persistence)
            return
        if not isinstance(answer, asyncio.Future):
            answer = asyncio.ensure_future(answer)
        self._state = _ANSWERING
        answer.add_done_callback(partial(self._on_answer, request, persistence))

    def _on_answer(
        self, request: Request, persistence: str, answer: asyncio.Future[Response]
    ) -> None:
        """Write the response that was pending, and continue with what waits for it."""
        try:
            response = answer.result()
        except asyncio.CancelledError:  # the process is ending
            self.abort()
            return
        except Exception as error:  # noqa: BLE001 - logged there; every request gets a response
            response = self._shared.failed(request, error)
        if self._state is _CLOSING:  # the client has gone
            return
        self._respond(request, response, persistence)
        if self._state is _ANSWERING:
            self._state = _READING
        elif self._state is _QUEUEING:
            self._state = _BLOCKED
            self._resume()

    def _respond(self, request: Request, response: Response, persistence: str) -> None:
        shared = self._shared
        if shared.readiness.draining:
            persistence = CLOSE
        head = shared.heads.of(response, request.id, persistence)
        write, body = self._transport.write, response.body
        if request.method == "HEAD":
            write(head)
        elif len(body) < _COPIED_BYTES:
            write(head + body)
        else:
            write(head)
            write(body)
        if persistence is CLOSE:
            self._begin_close()

    def _reject(self, error: ProtocolError) -> None:
        """Respond to invalid input, after earlier requests, and close the connection."""
        if self._state is _READING:
            parser, request_id = self._parser, self._shared.ids.of(None)
            request = Request("", parser.rejected_path, parser.rejected_headers, id=request_id)
            request.arrived = perf_counter()
            response = as_json({"error": str(error)}, error.status)
            self._shared.count(request, response)
            self._respond(request, response, CLOSE)
        elif self._state is not _CLOSING:
            self._queue.append(error)
            self._unparsed = memoryview(b"")
            self._hold()

    def _hold(self) -> None:
        """Note that there is more to do than to write the pending response."""
        if self._state is _ANSWERING:
            self._state = _QUEUEING
        elif self._state is _READING:
            self._state = _BLOCKED

    def _resume(self) -> None:
        """Work off the queue and the unparsed input, until something blocks them."""
        if self._state is _BLOCKED and not self._is_stalled:
            self._state = _READING
        while self._queue and self._state is _READING:
            item = self._queue.popleft()
            if isinstance(item, ProtocolError):
                self._reject(item)
            else:
                self._receive(*item)
        if self._unparsed and self._state is _READING:
            self._feed_piece()
        if self._state is _CLOSING:
            self._transport.resume_reading()
        elif self._unparsed or self._state is not _READING:
            self._wait()
        else:
            self._read_on()

    def _feed_piece(self) -> None:
        """Parse at most the size of a head, or a part of a body; then others have a turn."""
        unparsed = self._unparsed
        size = _BODY_PIECE if self._parser.phase is Phase.BODY else HEAD_BYTES
        self._unparsed = unparsed[size:]
        self._feed(bytes(unparsed[:size]))

    def _wait(self) -> None:
        """Read no further until a response, the client, or the event loop allows it."""
        self._transport.pause_reading()
        if self._state is _READING:
            asyncio.get_running_loop().call_soon(self._resume)
        self._hold()

    def _read_on(self) -> None:
        if self._is_half_closed:
            self._begin_close()
        else:
            self._transport.resume_reading()
            self._send_continue()

    def _begin_close(self) -> None:
        """Send no more, but read on: closing at once could reset the last response."""
        self._discard_input()
        self._blocked_since = self._shared.now
        if self._is_half_closed:
            self._transport.close()
        else:
            self._transport.write_eof()
            self._transport.resume_reading()

    def _discard_input(self) -> None:
        self._state = _CLOSING
        self._queue.clear()
        self._unparsed = memoryview(b"")


def _late(part: str) -> ProtocolError:
    return ProtocolError(HTTPStatus.REQUEST_TIMEOUT, f"the {part} took too long")
