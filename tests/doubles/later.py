"""A handler that answers when it is told to, all at once: as one call of a model does."""

import asyncio

from doubles.http_server import Listening, echo
from perennial_serving.http.messages import Request, Response


class Later:
    def __init__(self) -> None:
        self.pending: list[tuple[Request, asyncio.Future[Response]]] = []

    def __call__(self, request: Request) -> Response | asyncio.Future[Response]:
        if request.method == "GET":
            return echo(request)
        answer = asyncio.get_running_loop().create_future()
        self.pending.append((request, answer))
        return answer

    def wait_for_requests(self, server: Listening, times: int = 1) -> None:
        """Wait until it is."""
        server.until(lambda: len(self.pending) == times)

    def answer(self, server: Listening, times: int = 1) -> None:
        """Wait for as many requests, and answer them in one turn."""
        self.wait_for_requests(server, times)
        server.within(self._answer)

    def fail(self, server: Listening) -> None:
        self.wait_for_requests(server)
        server.within(lambda: self.pending.pop()[1].set_exception(ValueError("secret")))

    def give_up(self, server: Listening) -> None:
        self.wait_for_requests(server)
        server.within(lambda: bool(self.pending.pop()[1].cancel()))

    def _answer(self) -> None:
        for request, answer in self.pending:
            answer.set_result(echo(request))
        self.pending.clear()
