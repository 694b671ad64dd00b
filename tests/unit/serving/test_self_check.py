from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from builders.artifact import BuiltArtifact
from builders.service import Served
from perennial.api.reasons import JobReason
from perennial.artifacts.answers import Samples, load_samples
from perennial_serving.http.messages import Request
from perennial_serving.self_check import SelfCheckError, self_check


@pytest.fixture
def served(flights: BuiltArtifact) -> Served:
    return Served(flights, verified=False)


@pytest.fixture
def samples(flights: BuiltArtifact) -> Samples:
    return load_samples(flights.folder)


@pytest.fixture
def port(served: Served) -> Iterator[int]:
    """Listen on loopback and answer what the service answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = served.service.handle(Request("POST", self.path, headers, body))
            self.send_response(response.status)
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listening = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        listening.start()
        yield server.server_address[1]
        server.shutdown()
        listening.join()


def test_a_server_that_answers_as_it_was_trained_passes(served: Served, samples, port: int):
    self_check(samples, "127.0.0.1", port, served.lifecycle.pass_phrase)
    assert served.counted("perennial_rows_total") == 0


def test_one_answer_in_the_tenth_digit_is_enough_to_fail(served: Served, samples, port: int):
    wrong = [dict(answer) for answer in samples.answers]
    shares = wrong[3]["probabilities"]
    wrong[3]["probabilities"] = {**shares, "true": shares["true"] + 2e-9}
    with pytest.raises(SelfCheckError, match="sample row 3") as failed:
        self_check(
            Samples(samples.rows, tuple(wrong)), "127.0.0.1", port, served.lifecycle.pass_phrase
        )
    assert failed.value.reason is JobReason.SELF_CHECK_FAILED


def test_answers_equal_to_nine_digits_pass(served: Served, samples, port: int):
    near = [dict(answer) for answer in samples.answers]
    shares = near[3]["probabilities"]
    near[3]["probabilities"] = {**shares, "true": shares["true"] + 5e-10}
    self_check(Samples(samples.rows, tuple(near)), "127.0.0.1", port, served.lifecycle.pass_phrase)


def test_a_server_that_refuses_its_sample_rows_fails(samples, port: int):
    with pytest.raises(SelfCheckError, match="sample rows are refused"):
        self_check(samples, "127.0.0.1", port, "not the pass phrase")


def test_a_server_that_cannot_be_reached_fails(samples):
    with pytest.raises(SelfCheckError, match="does not hear itself"):
        self_check(samples, "127.0.0.1", 1, "any")
