"""One trained model for all tests of the server: training takes longer than asking."""

import pytest
from sklearn.linear_model import Ridge

from builders.artifact import BuiltArtifact, artifact


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    """Return a binary classification."""
    return artifact(tmp_path_factory.mktemp("flights") / "model")


@pytest.fixture(scope="session")
def delays(tmp_path_factory: pytest.TempPathFactory) -> BuiltArtifact:
    """Return a regression."""
    return artifact(tmp_path_factory.mktemp("delays") / "model", Ridge(), classes=None)
