"""The Python environments of the servers: each has its own, on the same Python of the system."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from harness import paths, programs, progress
from harness.paths import ROOT

PYTHON = "/usr/bin/python3"
ALIKE = ("scikit-learn==1.9.1", "joblib==1.6.0")  # what the pipeline was written with


@dataclass(frozen=True)
class Environment:
    """One environment, by name: what is installed, or the requirement file that says it."""

    name: str
    packages: tuple[str, ...] = ()
    requirements: Path | None = None

    @property
    def folder(self) -> Path:
        """Return where it is cached; another content has another place."""
        files = [self.requirements] if self.requirements else []
        return paths.cache() / "benchmark" / f"{self.name}-{paths.key(files, *self.packages)}"

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.folder / "bin" / name)

    def ensure(self, *, anew: bool) -> None:
        """Build it, with compiled bytecode, unless it is there and need not be new."""
        if anew:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():
            return
        with (
            progress.step(f"install {self.name}"),
            paths.complete_or_absent(self.folder) as folder,
        ):
            programs.run(
                [*programs.UV, "venv", "--quiet", "--relocatable", "--python", PYTHON, folder]
            )
            # A file's hashes hold for what it names, and it names everything.
            wanted = (
                ["--require-hashes", "--requirement", self.requirements]
                if self.requirements
                else self.packages
            )
            install = [*programs.UV, "pip", "install", "--quiet", "--compile-bytecode"]
            programs.run([*install, "--python", folder / "bin/python", *wanted])


COMPILED = Environment("serving", requirements=ROOT / "serving/requirements.txt")
SKLEARN = Environment("serving-sklearn", requirements=ROOT / "serving/requirements-sklearn.txt")
OURS = ("onnxruntime==1.32.0", "msgspec==0.22.0")  # our compiled model inside a peer
MLSERVER = Environment(
    "mlserver",
    ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0", *ALIKE, *OURS),
)
KSERVE = Environment("kserve", ("kserve==0.21.0", *ALIKE, *OURS))
BENTOML = Environment("bentoml", ("bentoml==1.4.39", "pandas>=3,<4", *ALIKE))
FASTAPI = Environment(
    "fastapi", ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "pandas>=3,<4", *ALIKE, *OURS)
)
ALL = (COMPILED, SKLEARN, MLSERVER, KSERVE, BENTOML, FASTAPI)
