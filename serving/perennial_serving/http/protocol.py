"""HTTP/1.1 on one connection: requests go to the handler, answers come back in their order."""

import asyncio
from collections import deque
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Final, cast

from perennial_serving.http.connections import Connections
from perennial_serving.http.errors import RequestRefusedError
from perennial_serving.http.limits import HEAD_BYTES
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.http.parser import Incoming, Phase
from perennial_serving.http.response_heads import CLOSE

_LINGER_SECONDS: Final = 5.0
_COPIED_BYTES: Final = 64 << 10
_BODY_PIECE: Final = 256 << 10
_INVITATION: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection; while an answer is under way, or cannot be sent, nothing more is read."""

    __slots__ = (
        *("_shared", "_handle", "_incoming", "_transport"),
        *("_held", "_answering", "_stalled", "_leaving", "_half_closed", "_since"),
        *("_more", "_waiting", "_refusal", "_rest"),
    )

    def __init__(self, shared: Connections) -> None:
        """Belong to the connections of a worker."""
        self._shared = shared
        self._handle = shared.handle
        self._incoming = Incoming(shared, self._take)
        # held says that any of the three below is the case: it is asked for at every request
        self._held = self._stalled = self._leaving = False
        self._answering: asyncio.Future[Response] | None = None
        # more says that something came up that the end of an answer alone does not settle
        self._more = self._half_closed = False
        self._since = 0.0  # when it began to stall, or to leave
        self._waiting: deque[tuple[Request, str]] = deque()
        self._refusal: RequestRefusedError | None = None
        self._rest = memoryview(b"")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count as connected; in a crowd, only probes and scrapes are answered."""
        self._transport = cast(asyncio.Transport, transport)
        if not self._shared.add(self):
            self._handle = self._shared.handle_in_a_crowd
            self._incoming = Incoming(self._shared, self._take, CLOSE)

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived; what is long takes turns with other connections."""
        if self._held or self._rest or len(data) > HEAD_BYTES:
            if not self._leaving:
                self._rest = memoryview(bytes(self._rest) + data)
                self._go_on()
        else:
            self._feed(data)

    def eof_received(self) -> bool:
        """Who says no more may still listen: what was asked is answered first."""
        self._half_closed = not self._leaving and (self._held or bool(self._rest))
        self._more = True
        return self._half_closed

    def pause_writing(self) -> None:
        """Read no more from who does not read."""
        self._held = self._stalled = self._more = True
        self._since = self._shared.now
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on where the other end held everything up."""
        self._stalled = False
        self._since = self._shared.now
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a protocol's method
        """Forget everything; an answer under way has nobody to go to."""
        self._forget()
        self._shared.discard(self)
        self._incoming.close()

    def check(self, now: float) -> None:
        """End the connection if it keeps the process waiting."""
        limits, waited = self._shared.limits, now - self._incoming.since
        if self._stalled or self._leaving:
            patience = limits.body_seconds if self._stalled else _LINGER_SECONDS
            if now - self._since > patience:
                self.abort()
        elif not (self._answering or self._rest):
            match self._incoming.phase:
                case Phase.NOTHING if waited > self._may_be_silent():
                    self.dismiss()
                case Phase.HEAD if waited > limits.header_seconds:
                    self._refuse(_late("head"))
                case Phase.BODY if waited > limits.body_seconds:
                    self._refuse(_late("body"))

    def _may_be_silent(self) -> float:
        """Return for how many seconds: who never asked takes a place from those who do."""
        limits = self._shared.limits
        return limits.idle_seconds if self._incoming.has_asked else limits.header_seconds

    def dismiss(self) -> None:
        """End the connection if nothing has arrived that is not answered."""
        if not (self._held or self._rest) and self._incoming.phase is Phase.NOTHING:
            self._forget()
            self._transport.close()

    def abort(self) -> None:
        """End the connection, whatever is under way."""
        self._transport.abort()

    def _feed(self, data: bytes) -> None:
        incoming = self._incoming
        try:
            incoming.feed(data)
        except RequestRefusedError as refusal:
            self._refuse(refusal)
        else:
            if incoming.expects_continue:
                self._invite()

    def _invite(self) -> None:
        """Ask for the body that a careful caller holds back; not before what it asked earlier."""
        if self._held:
            self._more = True
        elif self._incoming.expects_continue:
            self._incoming.expects_continue = False
            self._transport.write(_INVITATION)

    def _take(self, request: Request, persistence: str) -> None:
        """Answer a request, now or when those before it are answered."""
        if self._held:
            self._waiting.append((request, persistence))
            self._more = True
            return
        try:
            answer = self._handle(request)
        except Exception as error:  # noqa: BLE001 - logged there; no fault may go unanswered
            answer = self._shared.failed(request, error)
        if isinstance(answer, Response):
            self._send(request, answer, persistence)
            return
        if not isinstance(answer, asyncio.Future):
            answer = asyncio.ensure_future(answer)
        self._held, self._answering = True, answer
        answer.add_done_callback(partial(self._answered, request, persistence))

    def _answered(
        self, request: Request, persistence: str, answer: asyncio.Future[Response]
    ) -> None:
        """Send what has become of the request under way; mostly, that is all there is to do."""
        self._answering = None
        try:
            response = answer.result()
        except asyncio.CancelledError:  # as when the process ends: there is nothing to say
            self.abort()
            return
        except Exception as error:  # noqa: BLE001 - logged there; no fault may go unanswered
            response = self._shared.failed(request, error)
        if self._leaving:
            return
        self._send(request, response, persistence)
        if self._more:
            self._go_on()
        else:
            self._held = False

    def _send(self, request: Request, response: Response, persistence: str) -> None:
        shared = self._shared
        if shared.lifecycle.draining:
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
            self._leave()

    def _refuse(self, refusal: RequestRefusedError) -> None:
        """Answer what is no request, in its turn, and end the connection."""
        if self._answering or self._stalled:
            self._refusal, self._rest = refusal, memoryview(b"")
            self._more = True
        elif not self._leaving:
            request = Request("", self._incoming.refused_path, id=self._shared.ids.of(None))
            request.arrived = perf_counter()
            response = as_json({"error": str(refusal)}, refusal.status)
            self._shared.count(request, response)
            self._send(request, response, CLOSE)

    def _go_on(self) -> None:
        """Answer what waits, then take in what was read, until something holds it up."""
        self._more = True
        self._held = self._answering is not None or self._stalled or self._leaving
        while self._waiting and not self._held:
            self._take(*self._waiting.popleft())
        if not self._held and self._refusal is not None:
            self._refuse(self._refusal)
        if not self._held and self._rest:
            self._feed_piece()
        if self._leaving:
            self._transport.resume_reading()
        elif self._held:
            self._transport.pause_reading()
        elif self._rest:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self._listen()

    def _feed_piece(self) -> None:
        """Take in no more than a head may have, or some of a body; others have their turns."""
        rest = self._rest
        step = _BODY_PIECE if self._incoming.phase is Phase.BODY else HEAD_BYTES
        self._rest = rest[step:]
        self._feed(bytes(rest[:step]))

    def _listen(self) -> None:
        if self._half_closed:
            self._leave()
        else:
            self._more = False
            self._transport.resume_reading()
            self._invite()

    def _leave(self) -> None:
        """Say no more, but hear the other end out: closing at once would reset its last words."""
        self._forget()
        self._since = self._shared.now
        if self._half_closed:
            self._transport.close()
        else:
            self._transport.write_eof()
            self._transport.resume_reading()

    def _forget(self) -> None:
        self._held = self._leaving = self._more = True
        self._waiting.clear()
        self._refusal = None
        self._rest = memoryview(b"")


def _late(part: str) -> RequestRefusedError:
    return RequestRefusedError(HTTPStatus.REQUEST_TIMEOUT, f"the {part} took too long")
