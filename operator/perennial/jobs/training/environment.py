"""What a model was trained with: the file ``environment.json`` of an artifact."""

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
    """Return the versions that decide what a fit learns and how a file is read."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in _PACKAGES},
    }
