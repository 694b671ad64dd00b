"""Helm as users run it, compiled like the cluster."""

from harness import golang, paths

HELM = golang.Program(
    "helm",
    paths.HARNESS / "helm",
    package="helm.sh/helm/v4/cmd/helm",
    takes=", about 4 minutes once",
)


def ensure() -> None:
    """Compile Helm unless it is there."""
    golang.compiled(HELM)
