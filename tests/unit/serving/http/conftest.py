"""A transport that most tests of the protocol can share."""

from collections.abc import Iterator

import pytest

from doubles.http_server import Listening, listening


@pytest.fixture(scope="module")
def server() -> Iterator[Listening]:
    """Echo what is asked, if it is no more than 1 MiB."""
    with listening(body_bytes=1 << 20) as running:
        yield running
