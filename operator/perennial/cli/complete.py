"""Completion, as kubectl asks a plugin for it: the words so far in, one candidate a line out."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer.main

from perennial.api.kinds import MODEL_DEPLOYMENT
from perennial.api.manifest import Manifest
from perennial.api.schema import GROUP
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Connection, Kubectl, Run, run
from perennial.cli.main import app

_NO_FILES: Final = ":4"
"""The last line: the shell must not offer files instead."""
_CONNECTION: Final = {
    "--namespace": "namespace",
    "-n": "namespace",
    "--context": "context",
    "--kubeconfig": "kubeconfig",
    "--as": "impersonated",
}


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a command line before the one that is completed."""

    verb: Any
    """Command of typer that they lead to."""
    names: tuple[str, ...] = ()
    """Arguments of the verb."""
    values: tuple[tuple[str, str], ...] = ()
    """Options with their values."""
    open_option: str | None = None
    """Option whose value is completed."""

    @property
    def connection(self) -> Connection:
        """The cluster, namespace and user of the options so far."""
        given = {_CONNECTION[name]: value for name, value in self.values if name in _CONNECTION}
        return Connection(**given)


def read(words: Sequence[str]) -> Line:
    """Return what the words before the completed one mean."""
    verb: Any = typer.main.get_command(app)
    names: list[str] = []
    values: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        option, is_joined, value = word.partition("=")
        if word.startswith("-") and (is_joined or not _takes_value(verb, word)):
            values.append((option, value))
        elif word.startswith("-"):
            following = next(rest, None)
            if following is None:
                return Line(verb, tuple(names), tuple(values), open_option=word)
            values.append((word, following))
        elif word in getattr(verb, "commands", {}):
            verb = verb.commands[word]
        else:
            names.append(word)
    return Line(verb, tuple(names), tuple(values))


def candidates(line: Line, word: str, kubectl: Kubectl) -> Iterator[str]:
    """Yield what can be written for a word, with a tab before the explanation."""
    option, is_joined, _ = word.partition("=")
    if is_joined and word.startswith("-"):
        yield from (f"{option}={value}" for value in _values(line, option, kubectl))
    elif line.open_option:
        yield from _values(line, line.open_option, kubectl)
    elif word.startswith("-"):
        yield from _options(line)
    elif commands := getattr(line.verb, "commands", {}):
        yield from (f"{name}\t{each.get_short_help_str(60)}" for name, each in commands.items())
    elif not line.names:
        yield from _deployments(kubectl)


def completed(words: Sequence[str], run: Run = run) -> list[str]:
    """Return the lines for kubectl; without an answer from the cluster there are fewer."""
    *before, word = words or [""]
    line, found = read(before), list[str]()
    kubectl = Kubectl(line.connection, run)
    try:
        found = [each for each in candidates(line, word, kubectl) if each.startswith(word)]
    except CliError as error:
        print(error, file=sys.stderr)  # noqa: T201 - kubectl shows it when it is debugged
    return [*found, _NO_FILES]


def main() -> None:
    """Print what kubectl offers for the words of this command line."""
    print("\n".join(completed(sys.argv[1:])))  # noqa: T201 - read by kubectl


def _takes_value(verb: Any, option: str) -> bool:  # noqa: ANN401 - typer's own command
    for parameter in verb.params:
        if option in (*parameter.opts, *parameter.secondary_opts):
            return not parameter.is_flag
    return option in _CONNECTION


def _options(line: Line) -> Iterator[str]:
    for parameter in line.verb.params:
        for name in (*parameter.opts, *parameter.secondary_opts):
            if name.startswith("--"):
                yield f"{name}\t{parameter.help}"


def _values(line: Line, option: str, kubectl: Kubectl) -> Iterator[str]:
    """Yield the values of an option that the cluster or the kubeconfig knows."""
    match option:
        case "--namespace" | "-n":
            yield from kubectl.names("get", "namespaces")
        case "--context":
            yield from kubectl.names("config", "get-contexts")
        case "--output" | "-o":
            yield from ("table", "json")
        case "--to":
            yield from _of_status(kubectl, line.names, "history", "version", "at")
        case "--revision":
            yield from _of_status(kubectl, line.names, "rejected", "revision", "version")


def _of_status(
    kubectl: Kubectl, names: Sequence[str], part: str, field: str, explanation: str
) -> Iterator[str]:
    """Yield a field of the revisions in a part of the status of the deployment."""
    found = kubectl.find(MODEL_DEPLOYMENT.plural, names[0]) if names else None
    status = (found or {}).get("status") or {}
    oldest_first = reversed(status.get(part, ()))
    newest = {each[field]: each[explanation] for each in oldest_first}
    yield from (f"{value}\t{text}" for value, text in newest.items())


def _deployments(kubectl: Kubectl) -> Iterator[str]:
    for each in kubectl.all(f"{MODEL_DEPLOYMENT.plural}.{GROUP}"):
        yield f"{each['metadata']['name']}\t{_serving(each)}"


def _serving(deployment: Manifest) -> str:
    status = deployment.get("status") or {}
    return str((status.get("stable") or {}).get("version", "serves nothing yet"))
