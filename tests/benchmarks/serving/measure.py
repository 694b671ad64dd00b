"""What is measured: servers in alternation under load, their first second, and their answers."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import numpy as np

from benchmarks.serving import load, servers
from benchmarks.serving.load import Burst
from benchmarks.serving.model import Learned, Row, as_rows, as_tensors, bodies
from benchmarks.serving.servers import Running, Server
from harness import progress
from harness.programs import HarnessError

CHUNK = 512
CLOSE = 1e-6
KINDS = {"predict 1": 1, "predict 32": 32, "v2 1": 1, "v2 32": 32}


@dataclass(frozen=True)
class Result:
    """What one server did with one kind of request: the median of its rounds."""

    server: str
    kind: str
    bursts: tuple[Burst, ...]

    @property
    def cpu_us(self) -> float:
        """Return the processor time of a request, in microseconds."""
        return median(burst.cpu_us for burst in self.bursts)

    @property
    def per_second(self) -> float:
        """Return how many requests were answered each second."""
        return median(burst.per_second for burst in self.bursts)

    @property
    def p50_ms(self) -> float:
        """Return how long half of the requests took at most."""
        return median(burst.p50_ms for burst in self.bursts)

    @property
    def p99_ms(self) -> float:
        """Return how long nearly all of the requests took at most."""
        return median(burst.p99_ms for burst in self.bursts)


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    rounds: int
    seconds: int
    connections: int


def written(learned: Learned, folder: Path) -> dict[str, Path]:
    """Write the bodies of every kind of request."""
    folder.mkdir(parents=True)
    spellings = {"predict": as_rows, "v2": as_tensors(learned.types)}
    return {
        kind: bodies(learned, rows, spellings[kind.split()[0]], folder / f"{number}.json")
        for number, (kind, rows) in enumerate(KINDS.items())
    }


@contextmanager
def all_running(wanted: Iterable[Server], folder: Path) -> Iterator[list[Running]]:
    """Have all of them up at once: what the machine does meanwhile then concerns all alike."""
    with ExitStack() as stack:
        started = []
        for server in wanted:
            with progress.step(f"start {server.name}"):
                started.append(stack.enter_context(servers.running(server, folder)))
        yield started


def in_turns(
    started: Sequence[Running], files: Mapping[str, Path], plan: Plan, kinds: Iterable[str]
) -> list[Result]:
    """Put load on one server after the other, round by round."""
    bursts: defaultdict[tuple[str, str], list[Burst]] = defaultdict(list)
    for number in range(plan.rounds):
        with progress.step(f"round {number + 1} of {plan.rounds}"):
            for kind in kinds:
                for each in started:
                    if path := each.server.asked.get(kind):
                        burst = load.burst(
                            each.pid, each.url(path), files[kind], plan.connections, plan.seconds
                        )
                        bursts[each.server.name, kind].append(burst)
    return [Result(*which, tuple(found)) for which, found in bursts.items()]


def ready_seconds(server: Server, folder: Path, times: int = 5) -> float:
    """Return how long a start takes until it is ready; the first one warms the disk's cache."""
    taken = []
    for _ in range(times + 1):
        with servers.running(server, folder) as each:
            taken.append(each.ready_seconds)
    return median(taken[1:])


def largest_difference(server: Running, learned: Learned) -> float:
    """Return how far served answers are from the pipeline's: relative above 1, else absolute."""
    spellings = {servers.PREDICT: as_rows, servers.INFER: as_tensors(learned.types)}
    served = [
        probabilities(server.url(path), spell(learned.rows[first : first + CHUNK]))
        for path, spell in spellings.items()
        for first in range(0, len(learned.rows), CHUNK)
    ]
    expected = np.tile(learned.expected, len(spellings))
    return float(
        np.max(np.abs(np.concatenate(served) - expected) / np.maximum(1, np.abs(expected)))
    )


def check_alike(started: Iterable[Running], files: Mapping[str, Path]) -> None:
    """Raise unless every server gives the same answer to the same rows."""
    known: dict[int, np.ndarray] = {}
    for each in started:
        for kind, path in each.server.asked.items():
            body = json.loads(files[kind].read_text().splitlines()[0])
            found = probabilities(each.url(path), body)
            first = known.setdefault(KINDS[kind], found)
            if found.shape != first.shape or np.abs(found - first).max() > CLOSE:
                raise HarnessError(f"{each.server.name} answers {kind} otherwise: {found[:3]}")


def probabilities(url: str, body: Row) -> np.ndarray:
    """Return the probability of the positive class of every row that a request asks for."""
    answer = httpx.post(url, json=body, timeout=60, trust_env=False).raise_for_status().json()
    if "predictions" in answer:
        return np.array([each["probabilities"]["true"] for each in answer["predictions"]])
    (output,) = (each for each in answer["outputs"] if each["name"] == "predict_proba")
    return np.ravel(output["data"])[1::2]
