from pathlib import Path

import pytest

from harness.environment import environment_folder


@pytest.fixture(autouse=True)
def cache(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")


def test_environments_lie_in_the_cache():
    assert environment_folder(b"pytest==9", (3, 11)).parent == Path("/cache/perennial")


def test_the_same_packages_share_an_environment():
    assert environment_folder(b"pytest==9", (3, 11)) == environment_folder(b"pytest==9", (3, 11))


@pytest.mark.parametrize(
    ("packages", "version"), [(b"pytest==8", (3, 11)), (b"pytest==9", (3, 12))]
)
def test_other_packages_or_another_python_take_another(packages, version):
    assert environment_folder(packages, version) != environment_folder(b"pytest==9", (3, 11))
