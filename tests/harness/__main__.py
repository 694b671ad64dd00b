"""The developers' commands: `python -m harness COMMAND`, or `make` with the same names."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from harness import checks, cluster, foreign, images, lifecycle, locks, progress, tools
from harness.paths import ROOT
from harness.programs import HarnessError

Command = Callable[[argparse.Namespace], None]
ON_CLUSTER = ("tests/integration", "tests/e2e")


def up(options: argparse.Namespace) -> None:
    """Bring the cluster up, with its servers, Helm and the project's images."""
    with locks.exclusive("cluster"):
        lifecycle.bring_up(cluster.chosen(), nodes=not options.without_nodes)


def load(options: argparse.Namespace) -> None:
    """Give images that were built on this machine to the cluster's nodes."""
    for reference in options.image:
        cluster.chosen().load(reference)


def down(_: argparse.Namespace) -> None:
    """Remove the clusters of either kind; only the cache stays."""
    with locks.exclusive("cluster"):
        lifecycle.take_down()


def kubeconfig(_: argparse.Namespace) -> None:
    """Print the path of the administrator's kubeconfig."""
    print(cluster.chosen().machine_kubeconfig())


def shell(options: argparse.Namespace) -> None:
    """Open a shell (or run a command) where the cluster's addresses can be reached."""
    chosen = cluster.chosen()
    chosen.enter()
    folders = [str(tool.path.parent) for tool in (tools.KUBECTL, tools.HELM)]
    env = {**os.environ, "KUBECONFIG": str(chosen.kubeconfig())}
    env["PATH"] = ":".join([*folders, os.environ["PATH"]])
    argv = options.command or [os.environ.get("SHELL", "/bin/sh")]
    os.execvpe(argv[0], argv, env)


def build_images(_: argparse.Namespace) -> None:
    """Build the project's images, give them to the nodes, and print their names and sizes."""
    chosen = cluster.chosen()
    with locks.exclusive("cluster"):
        lifecycle.ensure_images(chosen)
    for reference in images.named().values():
        print(reference, chosen.size(reference))


def check(_: argparse.Namespace) -> None:
    """Run everything that needs no cluster."""
    checks.run()


def generate(options: argparse.Namespace) -> None:
    """Write the generated files, or with --check say which are out of date."""
    checks.generate(check=options.check)


def test(_: argparse.Namespace) -> None:
    """Run `check`, then all tests on the cluster."""
    checks.run()
    foreign.ensure()
    _on_cluster("pytest", *ON_CLUSTER)


def e2e(options: argparse.Namespace) -> None:
    """Run the end-to-end tests, or those that pytest's arguments choose."""
    foreign.ensure()
    named = any((ROOT / word.partition("::")[0]).exists() for word in options.arguments)
    _on_cluster("pytest", *([] if named else ["tests/e2e"]), *options.arguments)


def demo(options: argparse.Namespace) -> None:
    """Show the main job from three manifests to verified predictions."""
    _on_cluster("demo", *options.arguments, preferred=cluster.DEMO)


def bench(options: argparse.Namespace) -> None:
    """Run a benchmark of tests/benchmarks."""
    if options.name in WITHOUT_CLUSTER:
        _become(_python(f"benchmarks.{options.name}", *options.arguments))
    nodes = options.name not in WITHOUT_NODES
    _on_cluster(f"benchmarks.{options.name}", *options.arguments, nodes=nodes)


WITHOUT_CLUSTER = {"drift", "rollout", "serving", "soak"}
WITHOUT_NODES = {"operator"}  # these end Jobs themselves, by writing the status of Pods


def _on_cluster(
    module: str, *arguments: str, preferred: Sequence[str] = cluster.TESTS, nodes: bool = True
) -> NoReturn:
    """Bring a cluster up, and become another Python program in its network."""
    chosen = cluster.chosen(preferred)
    with locks.exclusive("cluster"):
        lifecycle.bring_up(chosen, nodes=nodes)
    _become(chosen.within(_python(module, *arguments)))


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _become(argv: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execvp(argv[0], argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Command, **more: Any) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=run.__doc__, description=run.__doc__, **more)
        added.set_defaults(run=run)
        return added

    def handing_on(name: str, run: Command) -> None:
        """Add a command whose arguments are another program's, though they begin with a dash."""
        added = command(name, run, prefix_chars="\0", add_help=False)
        added.add_argument("arguments", nargs=argparse.REMAINDER)

    command("up", up).add_argument(
        "--without-nodes", action="store_true", help="no kubelet and no scheduler: no pod runs"
    )
    command("load", load).add_argument("image", nargs="+")
    command("down", down)
    command("kubeconfig", kubeconfig)
    command("shell", shell).add_argument("command", nargs=argparse.REMAINDER)
    command("images", build_images)
    command("check", check)
    command("generate", generate).add_argument("--check", action="store_true")
    command("test", test)
    handing_on("e2e", e2e)
    handing_on("demo", demo)
    benchmark = command("bench", bench)
    benchmark.add_argument("name")
    benchmark.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a person has to know is one message, not a stack."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault(progress.BEGAN, str(time.time()))
    try:
        options.run(options)
    except HarnessError as error:
        progress.console.print(f"harness: {error}", style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
