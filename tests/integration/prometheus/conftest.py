"""A real Prometheus on loopback, and pods that count."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.scraped_pods import Pod, Scraper
from harness import golang
from harness.servers.images import PROMETHEUS


@pytest.fixture(scope="module")
def scraper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraper]:
    program = golang.compiled(PROMETHEUS)
    with Scraper(program, tmp_path_factory.mktemp("prometheus")) as running:
        yield running


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[dict[str, Pod]]:
    """Pods by name; those that a test leaves running are ended."""
    known: dict[str, Pod] = {}
    yield known
    for pod in known.values():
        pod.stop()
