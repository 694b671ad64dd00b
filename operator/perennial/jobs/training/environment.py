"""Versions of the training environment: the file ``environment.json`` of an artifact."""

import platform
from importlib.metadata import version

from pydantic.types import JsonValue

_PACKAGES = (
    "joblib",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "skops",
    "threadpoolctl",
)


def environment() -> dict[str, JsonValue]:
    """Return the versions on which the fit and the format of the files depend."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in _PACKAGES},
    }
