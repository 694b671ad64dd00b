import asyncio

import pytest

from builders.artifact import BuiltArtifact
from doubles.service import Served
from perennial.api.reasons import JobReason
from perennial.artifacts.answers import Samples, load_samples
from perennial_serving.http.messages import Request, Response
from perennial_serving.model.served import ServedModel
from perennial_serving.process.self_check import SelfCheckError, microseconds_per_row, self_check
from perennial_serving.settings import Limits


@pytest.fixture
def served(flights: BuiltArtifact) -> Served:
    model = ServedModel.load("flight-delay", "flight-delay-1", flights.digest, flights.folder)
    return Served(model, verified=False, limits=Limits(1 << 20, 100))


@pytest.fixture
def samples(flights: BuiltArtifact) -> Samples:
    return load_samples(flights.folder)


def asking(served: Served):
    """Return what carries a request to the service, as its own HTTP does."""

    async def ask(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        encoded = {name.encode(): value.encode() for name, value in headers.items()}
        response = served.service.handle(Request("POST", path, encoded, body))
        assert isinstance(response, Response)
        return response.status, response.body

    return ask


def off_by(samples: Samples, difference: float) -> Samples:
    answers = [dict(answer) for answer in samples.answers]
    shares = answers[3]["probabilities"]
    answers[3]["probabilities"] = {**shares, "true": shares["true"] + difference}
    return Samples(samples.rows, tuple(answers))


async def test_a_server_that_answers_as_it_was_trained_passes(served: Served, samples: Samples):
    await self_check(samples, asking(served), served.readiness.self_check_token)
    assert not served.counters.has_pending


async def test_one_answer_in_the_ninth_digit_is_enough_to_fail(served: Served, samples: Samples):
    wrong = off_by(samples, 2e-9)
    with pytest.raises(SelfCheckError, match="sample row 3") as failed:
        await self_check(wrong, asking(served), served.readiness.self_check_token)
    assert failed.value.reason is JobReason.SELF_CHECK_FAILED


async def test_answers_equal_to_nine_digits_pass(served: Served, samples: Samples):
    await self_check(off_by(samples, 5e-10), asking(served), served.readiness.self_check_token)


async def test_a_server_that_refuses_its_sample_rows_fails(served: Served, samples: Samples):
    with pytest.raises(SelfCheckError, match="sample rows are refused"):
        await self_check(samples, asking(served), "not the pass phrase")


@pytest.mark.parametrize("error", [OSError("gone"), EOFError("cut"), TimeoutError()])
async def test_a_server_that_does_not_hear_itself_fails(samples: Samples, error: Exception):
    async def ask(*_: object) -> tuple[int, bytes]:
        raise error

    with pytest.raises(SelfCheckError, match="does not hear itself"):
        await self_check(samples, ask, "any")


async def test_an_answer_that_is_none_fails(samples: Samples):
    async def ask(*_: object) -> tuple[int, bytes]:
        return 200, b"{}"

    with pytest.raises(SelfCheckError, match="does not hear itself"):
        await self_check(samples, ask, "any")


def test_what_a_row_takes_is_measured_and_not_counted(served: Served, samples: Samples):
    phrase = served.readiness.self_check_token
    cost = microseconds_per_row(served.service.handle, samples, phrase)
    assert cost is not None
    assert 0.1 < cost < 10_000
    assert not served.counters.has_pending


async def test_requests_that_wait_for_each_other_have_no_cost_of_their_own(samples: Samples):
    async def later() -> Response:
        await asyncio.sleep(60)
        return Response(b"")

    assert microseconds_per_row(lambda _: later(), samples, "any") is None
