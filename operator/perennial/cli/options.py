"""The arguments and options of the verbs, and those that are passed on to kubectl."""

import functools
import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import typer

from perennial.api.times import to_timedelta
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Connection, Kubectl, run

_DURATION: Final = re.compile(r"0|([0-9]+[smh])+")


class Output(StrEnum):
    """Forms of what a verb prints."""

    TABLE = "table"
    JSON = "json"


def duration(text: str | timedelta) -> timedelta:
    """Return the value of a duration as kubectl reads it, such as 90s, 5m or 1h30m."""
    if isinstance(text, timedelta):  # typer parses defaults, too
        return text
    if not _DURATION.fullmatch(text):
        raise typer.BadParameter("write a duration such as 90s, 5m or 1h30m, or 0 for no limit")
    return sum(map(to_timedelta, re.findall("[0-9]+[smh]", text)), timedelta(0))


def timeout(default: str) -> typer.models.OptionInfo:
    """Return the option for the time to wait, with its default for the help."""
    option: typer.models.OptionInfo = typer.Option(
        "--timeout",
        parser=duration,
        metavar="DURATION",
        show_default=False,
        help=f"Time to wait, such as 90s or 5m; 0 is no limit. Defaults to {default}.",
    )
    return option


Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the ModelDeployment.")]
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Reason for the decision, for the record."),
]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait until the Decision is applied or refused.")
]
Timeout = Annotated[timedelta, timeout("1m")]
SOON: Final = timedelta(minutes=1)
"""Time within which an operator that works has applied or refused a Decision."""
Format = Annotated[
    Output,
    typer.Option("--output", "-o", metavar="FORM", help="Form of the output: table or json."),
]

_CONNECTION: Final = {
    "namespace": Annotated[
        str | None,
        typer.Option(
            "--namespace", "-n", metavar="NAME", help="Namespace. Defaults to the context's."
        ),
    ],
    "context": Annotated[
        str | None, typer.Option("--context", metavar="NAME", help="Context of the kubeconfig.")
    ],
    "kubeconfig": Annotated[
        str | None, typer.Option("--kubeconfig", metavar="PATH", help="Path of the kubeconfig.")
    ],
    "impersonated": Annotated[
        str | None, typer.Option("--as", metavar="USER", help="User to impersonate.")
    ],
}


def with_kubectl(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the options of kubectl to a verb, whose first parameter is the Kubectl they lead to.

    The object of the typer context, if there is one, runs the commands.
    """
    _, *others = inspect.signature(verb).parameters.values()

    @functools.wraps(verb)
    def command(ctx: typer.Context, **given: object) -> None:
        connection = Connection(**{name: given.pop(name) for name in _CONNECTION})  # type: ignore[arg-type]
        try:
            verb(Kubectl(connection, ctx.obj or run), **given)
        except CliError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None

    context = inspect.Parameter(
        "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in _CONNECTION.items()
    ]
    parameters = (context, *others, *options)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command
