import json

import pytest

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact
from perennial.artifacts.answers import load_samples
from perennial.artifacts.manifest import DigestMismatchError
from perennial_serving.counters.shared import Shared
from perennial_serving.http.messages import Request, Response
from perennial_serving.process.assembly import Assembly, WorkerContext, assemble
from perennial_serving.settings import ServeSettings


def assembled(flights: BuiltArtifact, context: WorkerContext, **more: str) -> Assembly:
    environment = {
        "PERENNIAL_MODEL": str(flights.folder),
        "PERENNIAL_ARTIFACT_DIGEST": flights.digest,
        "PERENNIAL_MODEL_NAME": MODEL,
        "PERENNIAL_MODEL_VERSION": VERSION,
        **more,
    }
    return assemble(ServeSettings.from_environment(environment), context)


@pytest.fixture
def context() -> WorkerContext:
    return WorkerContext(1, Shared.create(2), bytes(32))


async def ask(parts: Assembly, method: str, path: str, body: object = None) -> Response:
    content = b"" if body is None else json.dumps(body).encode()
    answer = parts.service.handle(Request(method, path, {}, content))
    return answer if isinstance(answer, Response) else await answer


async def run_self_check(parts: Assembly, flights: BuiltArtifact) -> None:
    async def post(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        encoded = {name.encode(): value.encode() for name, value in headers.items()}
        response = parts.service.handle(Request("POST", path, encoded, body))
        assert isinstance(response, Response)
        return response.status, response.body

    await parts.run_self_check(load_samples(flights.folder), post)


async def test_a_worker_is_ready_when_it_and_all_others_are(
    flights: BuiltArtifact, context: WorkerContext
):
    parts = assembled(flights, context)
    assert (await ask(parts, "POST", "/predict", ROW)).status == 503
    await run_self_check(parts, flights)
    assert (await ask(parts, "POST", "/predict", ROW)).status == 200
    assert (await ask(parts, "GET", "/v2/health/ready")).status == 503
    context.shared.memories[0].ready = True
    assert (await ask(parts, "GET", "/v2/health/ready")).status == 200


async def test_what_one_worker_counts_the_others_tell(
    flights: BuiltArtifact, context: WorkerContext
):
    one, other = (
        assembled(flights, context),
        assembled(flights, WorkerContext(0, context.shared, context.key)),
    )
    await run_self_check(one, flights)
    await ask(one, "POST", "/predict", {"rows": [ROW] * 3})
    one.counters.flush()
    lines = (await ask(other, "GET", "/metrics")).body.decode().splitlines()
    assert f'perennial_rows_total{{version="{VERSION}",outcome="answered"}} 3' in lines


async def test_series_carry_the_deployment_and_the_revision(
    flights: BuiltArtifact, context: WorkerContext
):
    known = {"PERENNIAL_DEPLOYMENT": "delays", "PERENNIAL_REVISION": "3f9c1a2b4d"}
    lines = (await ask(assembled(flights, context, **known), "GET", "/metrics")).body.decode()
    identity = f'deployment="delays",revision="3f9c1a2b4d",version="{VERSION}"'
    series = [line for line in lines.splitlines() if not line.startswith("#")]
    assert [line for line in series if identity not in line] == []


async def test_predictions_that_are_refused_on_the_way_are_counted(
    flights: BuiltArtifact, context: WorkerContext
):
    parts = assembled(flights, context)
    for path in ("/predict", f"/v2/models/{MODEL}/infer", "/metrics", ""):
        parts.service.count(Request("POST", path), Response(b"", 413))
    parts.counters.flush()
    lines = (await ask(parts, "GET", "/metrics")).body.decode().splitlines()
    refused = f'perennial_requests_total{{version="{VERSION}",outcome="refused",code="413"}} 2'
    assert refused in lines


async def test_an_id_of_one_worker_is_taken_by_another(
    flights: BuiltArtifact, context: WorkerContext
):
    one, other = (
        assembled(flights, context),
        assembled(flights, WorkerContext(0, context.shared, context.key)),
    )
    await run_self_check(one, flights)
    answer = json.loads((await ask(one, "POST", "/predict", ROW)).body)
    label = {"id": answer["predictions"][0]["prediction_id"], "label": True}
    assert json.loads((await ask(other, "POST", "/feedback", label)).body)["counted"] == 1


def test_another_digest_is_never_assembled(flights: BuiltArtifact, context: WorkerContext):
    with pytest.raises(DigestMismatchError):
        assembled(flights, context, PERENNIAL_ARTIFACT_DIGEST=f"sha256:{'0' * 64}")
