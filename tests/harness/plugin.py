"""The kubectl plugin as a user has it: its programs on the PATH, beside the real kubectl."""

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness import tools
from harness.paths import ROOT
from perennial.cli.kubectl import Completed

_PROGRAM = """\
#!{python}
import sys
sys.path[:0] = {path!r}
from {module} import {function}
sys.exit({function}())
"""


@dataclass(frozen=True)
class Plugin:
    """kubectl with the plugin, for one kubeconfig and one namespace."""

    folder: Path
    kubeconfig: Path
    namespace: str

    def kubectl(self, *words: str) -> Completed:
        """Run kubectl to its end."""
        done = subprocess.run(
            ["kubectl", *words],
            env=self.environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    def run(self, *words: str) -> Completed:
        """Run a verb of the plugin."""
        return self.kubectl("perennial", *words, f"--namespace={self.namespace}")

    def completed(self, *words: str) -> list[str]:
        """Return what the shell offers for the last word, as kubectl's completion script asks."""
        lines = self.kubectl("__complete", "perennial", *words).output.splitlines()
        return [line.partition("\t")[0] for line in lines if not line.startswith(":")]

    def environment(self) -> dict[str, str]:
        """Return the environment in which kubectl finds the plugin."""
        path = os.pathsep.join([str(self.folder), os.environ["PATH"]])
        return {**os.environ, "PATH": path, "KUBECONFIG": str(self.kubeconfig), "COLUMNS": "80"}


def install(folder: Path, kubeconfig: Path, namespace: str) -> Plugin:
    """Write the programs that pyproject.toml declares, and link kubectl."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for name, target in scripts.items():
        module, _, function = target.partition(":")
        path = [str(ROOT / "operator")]
        text = _PROGRAM.format(python=sys.executable, path=path, module=module, function=function)
        program = folder / name
        program.write_text(text)
        program.chmod(0o755)
    tools.ensure()
    (folder / "kubectl").symlink_to(tools.KUBECTL.path)
    return Plugin(folder, kubeconfig, namespace)
