"""The images of the servers: one static program each, on nothing."""

from dataclasses import dataclass
from pathlib import Path

from harness import golang, paths
from harness.golang import Program

HERE = Path(__file__).parent
PROMETHEUS = Program(
    "prometheus",
    paths.HARNESS / "cluster",
    package="github.com/prometheus/prometheus/cmd/prometheus",
    link="-s -w -X github.com/prometheus/common/version.Version=3.13.5",
    tags="remove_all_sd,enable_kubernetes_sd",
    minutes=1,
)


@dataclass(frozen=True)
class ServerImage:
    """One image: the stage of its Dockerfile, and what that copies from its context."""

    name: str
    dockerfile: Path
    target: str
    copied: tuple[str, ...]
    program: Program | None = None

    @property
    def context(self) -> Path:
        """The folder that the Dockerfile copies from: a compiled program's, or this one."""
        return self.program.folder if self.program else HERE

    def reference(self) -> str:
        """Return the name under which nodes find this very content."""
        made_from = [self.dockerfile]
        if self.program is None:
            made_from += [self.context / file for file in self.copied]
        return f"localhost/{self.name}:{paths.key(made_from, self.target, self.context.name)}"

    def prepare(self) -> None:
        """Compile the program unless it is there."""
        if self.program:
            golang.compiled(self.program)


S3_IMAGE = ServerImage("perennial-s3", HERE / "Dockerfile", "s3", ("requirements.txt",))
PROMETHEUS_IMAGE = ServerImage(
    "perennial-prometheus",
    HERE / "prometheus.Dockerfile",
    "prometheus",
    ("prometheus",),
    PROMETHEUS,
)
TRAEFIK_IMAGE = ServerImage(
    "perennial-traefik", HERE / "Dockerfile", "traefik", ("requirements.txt",)
)
ALL = (S3_IMAGE, PROMETHEUS_IMAGE, TRAEFIK_IMAGE)
