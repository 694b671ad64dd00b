"""kubectl as the way to the API server: with its logins, its contexts and its messages."""

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from perennial.api.manifest import Manifest
from perennial.api.schema import GROUP
from perennial.cli.errors import CliError

PROGRAM: Final = "kubectl"
_LOG: Final = re.compile(r"[IWEF][0-9]{4} ")
_MISSING = (
    "kubectl is not on the PATH: install it, see https://kubernetes.io/docs/tasks/tools/#kubectl"
)


class Completed(NamedTuple):
    """What a program printed, and its exit code."""

    code: int
    output: str
    errors: str


Run = Callable[[Sequence[str], str], Completed]
"""Runs a command with this text as its input, to its end."""


def run(command: Sequence[str], text: str) -> Completed:
    """Run a program with a text as its input."""
    try:
        done = subprocess.run(  # noqa: S603 - kubectl, with arguments of the user
            command, input=text, capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        raise CliError(_MISSING) from None
    return Completed(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Connection:
    """Options of kubectl that choose cluster, namespace and user."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    impersonated: str | None = None

    def options(self) -> list[str]:
        """Return the options that were given, as kubectl reads them."""
        given = {
            "--namespace": self.namespace,
            "--context": self.context,
            "--kubeconfig": self.kubeconfig,
            "--as": self.impersonated,
        }
        return [f"{option}={value}" for option, value in given.items() if value]


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Requests to the API server, each of which is one command of kubectl."""

    connection: Connection = Connection()
    run: Run = run

    def find(self, kind: str, name: str) -> Manifest | None:
        """Return an object of Perennial, or None if it does not exist."""
        output = self._run("get", f"{kind}.{GROUP}", name, "--ignore-not-found", "--output=json")
        return _parsed(output) if output.strip() else None

    def all(self, resource: str, *, fields: str = "") -> list[Manifest]:
        """Return all objects of a resource in the namespace, or those with these fields."""
        selected = [f"--field-selector={fields}"] if fields else []
        items: list[Manifest] = _parsed(self._run("get", resource, *selected, "--output=json"))[
            "items"
        ]
        return items

    def create(self, manifest: Manifest) -> Manifest:
        """Create an object, and return it as it was stored."""
        text = json.dumps(manifest)
        return _parsed(self._run("create", "--filename=-", "--output=json", text=text))

    def user(self) -> str:
        """Return the name that the API server knows the user by."""
        review = _parsed(self._run("auth", "whoami", "--output=json"))
        return str(review["status"]["userInfo"]["username"])

    def names(self, *words: str) -> list[str]:
        """Return the names that a command prints, one in each line, without their kind."""
        lines = self._run(*words, "--output=name").split()
        return [line.rpartition("/")[2] for line in lines]

    def _run(self, *words: str, text: str = "") -> str:
        done = self.run([PROGRAM, *words, *self.connection.options()], text)
        if done.code:
            raise CliError(_message(done.errors) or f"kubectl exited with code {done.code}")
        return done.output


def _message(errors: str) -> str:
    """Return what kubectl printed for the user, without the lines of its log."""
    lines = [line for line in errors.strip().splitlines() if not _LOG.match(line)]
    return "\n".join(lines).removeprefix("error: ")


def _parsed(output: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(output)
    return parsed
