"""`kubectl perennial status`: a ModelDeployment on one screen."""

import typer

from perennial.cli import output, read
from perennial.cli.kubectl import Kubectl
from perennial.cli.options import Format, Name, Output
from perennial.cli.report import report
from perennial.cli.screen import screen


def status(kubectl: Kubectl, name: Name, form: Format = Output.TABLE) -> None:
    """Show what serves, what is coming, its gates, rejected revisions and the last Events."""
    deployment = read.deployment(kubectl, name)
    found = report(deployment, read.events(kubectl, deployment))
    if form is Output.JSON:
        typer.echo(output.to_json(found))
        return
    console = output.console()
    for section in screen(found, output.now()):
        console.print(section)
