"""The verbs of the plugin, as kubectl runs them."""

from typing import Final

import typer

from perennial.cli.options import with_kubectl
from perennial.cli.rollout.abort import abort
from perennial.cli.rollout.history import history
from perennial.cli.rollout.pause import pause
from perennial.cli.rollout.promote import promote
from perennial.cli.rollout.resume import resume
from perennial.cli.rollout.retry import retry
from perennial.cli.rollout.status import status as rollout_status
from perennial.cli.rollout.undo import undo
from perennial.cli.status import status

PROGRAM: Final = "kubectl perennial"


def _group(text: str) -> typer.Typer:
    return typer.Typer(
        help=text,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _group("Models that are served with Perennial, and their rollouts.")
rollout = _group("Follow the rollouts of a ModelDeployment, and decide about them.")
app.command("status")(with_kubectl(status))
for verb in (rollout_status, history, promote, abort, retry, pause, resume, undo):
    rollout.command(verb.__name__)(with_kubectl(verb))
app.add_typer(rollout, name="rollout")


def main() -> None:
    """Run the verb of the command line."""
    app(prog_name=PROGRAM)
