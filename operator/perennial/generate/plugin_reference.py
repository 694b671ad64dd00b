"""The reference of the kubectl plugin: its verbs and options, as typer reads them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer.main

from perennial.cli.main import PROGRAM, app

PAGE: Final = Path("docs/kubectl-plugin.md")

_REFERENCE: Final = re.compile(
    r"(?<=<!-- reference -->\n).*(?=<!-- end of reference -->)", re.DOTALL
)
_SHARED: Final = ("namespace", "context", "kubeconfig", "impersonated")
"""Options that every verb has."""


def plugin_page(page: str) -> str:
    """Return the page with the reference of today."""
    return _REFERENCE.sub(lambda _: f"\n{reference()}\n", page)


def reference() -> str:
    """Return a section for each verb, and one for the options that all verbs have."""
    verbs = list(_verbs(typer.main.get_command(app), PROGRAM))
    sections = [_section(path, verb) for path, verb in verbs]
    _, any_verb = verbs[0]
    rows = [_row(each) for each in any_verb.params if each.name in _SHARED]
    return "\n\n".join([*sections, f"### Options of every verb\n\n{_table(rows)}"]) + "\n"


def _verbs(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own
    """Yield each verb with the words that lead to it."""
    commands = getattr(command, "commands", None)
    if commands is None:
        yield path, command
        return
    for name, inner in commands.items():
        yield from _verbs(inner, f"{path} {name}")


def _section(path: str, verb: Any) -> str:  # noqa: ANN401 - typer's own
    own = [each for each in verb.params if each.name not in _SHARED and each.opts[0][0] == "-"]
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", verb.help)
    parts = [f"### `{path} NAME`", text, _table([_row(each) for each in own]) if own else ""]
    return "\n\n".join(part for part in parts if part)


def _table(rows: list[str]) -> str:
    return "\n".join(["| option | description |", "|---|---|", *rows])


def _row(option: Any) -> str:  # noqa: ANN401 - typer's own
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" `{option.metavar}`"
    return f"| {names}{value} | {option.help} |"
