"""Fixtures that every folder of tests may ask for."""

from harness.fixtures import (
    address,
    api,
    bucket,
    cluster,
    namespace,
    operator,
    with_store,
)

__all__ = ["address", "api", "bucket", "cluster", "namespace", "operator", "with_store"]


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write what golden tests compare with"
    )
