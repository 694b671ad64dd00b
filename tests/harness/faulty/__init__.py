"""Images of the model server with one fault each, on top of the server's own image."""

from dataclasses import dataclass
from pathlib import Path

from harness import images, paths

HERE = Path(__file__).parent
FAULTS = ("errors", "slow", "shifted", "crash", "memory", "workers")


@dataclass(frozen=True)
class FaultyServer:
    """The server with one fault, which begins with its requests: it verifies itself as ever."""

    fault: str

    @property
    def name(self) -> str:
        """The name of the image."""
        return f"perennial-server-{self.fault}"

    @property
    def target(self) -> str:
        """The stage of the Dockerfile."""
        return "faulty"

    @property
    def context(self) -> Path:
        """The folder that the Dockerfile copies from."""
        return HERE

    @property
    def dockerfile(self) -> Path:
        """The file with the steps, on top of the server that this checkout makes."""
        file = paths.cache() / "faulty" / f"{self.fault}.Dockerfile"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._steps())
        return file

    def reference(self) -> str:
        """Return the name under which nodes find this very content."""
        made_from = paths.key([HERE / "faulty_server.py"], self._steps())
        return f"localhost/{self.name}:{made_from}"

    def _steps(self) -> str:
        return (
            f"FROM {images.references().server} AS faulty\n"
            f"COPY faulty_server.py /opt/perennial/faulty_server.py\n"
            f"ENV FAULT={self.fault}\n"
            'ENTRYPOINT ["python", "/opt/perennial/faulty_server.py"]\n'
        )
