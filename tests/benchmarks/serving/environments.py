"""The environments of the servers that are compared, all on the same Python of the system."""

from functools import partial
from typing import Final

from harness.isolated import Environment
from harness.paths import ROOT

PYTHON: Final = "/usr/bin/python3"
ALIKE: Final = ("scikit-learn==1.9.1", "joblib==1.6.0")  # what the pipeline was written with
OURS: Final = ("onnxruntime==1.32.0", "msgspec==0.22.0")  # our compiled model inside a peer

_environment = partial(Environment, python=PYTHON)
COMPILED: Final = _environment("serving", requirements=ROOT / "serving/requirements.txt")
SKLEARN: Final = _environment(
    "serving-sklearn", requirements=ROOT / "serving/requirements-sklearn.txt"
)
MLSERVER: Final = _environment(
    "mlserver",
    ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0", *ALIKE, *OURS),
)
KSERVE: Final = _environment("kserve", ("kserve==0.21.0", *ALIKE, *OURS))
BENTOML: Final = _environment("bentoml", ("bentoml==1.4.39", "pandas>=3,<4", *ALIKE))
FASTAPI: Final = _environment(
    "fastapi", ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "pandas>=3,<4", *ALIKE, *OURS)
)
ALL: Final = (COMPILED, SKLEARN, MLSERVER, KSERVE, BENTOML, FASTAPI)
