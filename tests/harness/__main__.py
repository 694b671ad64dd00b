"""The developers' commands: `python -m harness COMMAND`, or `make` with the same names."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from harness import checks, cluster, foreign, helm, images, locks, progress
from harness.cluster import Cluster
from harness.paths import ROOT
from harness.programs import HarnessError

Command = Callable[[argparse.Namespace], None]
ON_CLUSTER = ("tests/integration", "tests/e2e")


def up(options: argparse.Namespace) -> None:
    """Bring the cluster up, with its servers, Helm and the project's images."""
    with locks.exclusive("cluster"):
        _bring_up(nodes=not options.without_nodes)


def load(options: argparse.Namespace) -> None:
    """Give images that were built on this machine to the cluster's nodes."""
    for reference in options.image:
        cluster.chosen().load(reference)


def down(_: argparse.Namespace) -> None:
    """Remove the cluster; only the cache stays."""
    with locks.exclusive("cluster"):
        cluster.chosen().down()


def kubeconfig(_: argparse.Namespace) -> None:
    """Print the path of the administrator's kubeconfig."""
    print(cluster.kubeconfig())


def shell(options: argparse.Namespace) -> None:
    """Open a shell (or run a command) where the cluster's addresses can be reached."""
    chosen = cluster.chosen()
    chosen.enter()
    tools = (Path(chosen.kubectl()[-3]), helm.HELM.path)
    folders = [str(tool.parent) for tool in tools if tool.is_absolute()]
    env = {**os.environ, "KUBECONFIG": str(chosen.kubeconfig())}
    env["PATH"] = ":".join([*folders, os.environ["PATH"]])
    argv = options.command or [os.environ.get("SHELL", "/bin/sh")]
    os.execvpe(argv[0], argv, env)


def build_images(_: argparse.Namespace) -> None:
    """Build the project's images, give them to the nodes, and print their names and sizes."""
    chosen = cluster.chosen()
    with locks.exclusive("cluster"):
        _ensure_images(chosen)
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
    with locks.exclusive("cluster"):
        _bring_up(nodes=True)
    folders = [folder for folder in ON_CLUSTER if (ROOT / folder).is_dir()]
    _replaced_by("pytest", *folders)


def e2e(options: argparse.Namespace) -> None:
    """Run the end-to-end tests, or those that pytest's arguments choose."""
    foreign.ensure()
    with locks.exclusive("cluster"):
        _bring_up(nodes=True)
    named = any((ROOT / word.partition("::")[0]).exists() for word in options.arguments)
    _replaced_by("pytest", *([] if named else ["tests/e2e"]), *options.arguments)


def demo(options: argparse.Namespace) -> None:
    """Show the main job from three manifests to verified predictions."""
    with locks.exclusive("cluster"):
        _bring_up(nodes=True)
    _replaced_by("demo", *options.arguments)


def bench(options: argparse.Namespace) -> None:
    """Run a benchmark of tests/benchmarks."""
    if options.name in WITHOUT_CLUSTER:
        _become(f"benchmarks.{options.name}", *options.arguments)
    with locks.exclusive("cluster"):
        _bring_up(nodes=options.name not in WITHOUT_NODES)
    _replaced_by(f"benchmarks.{options.name}", *options.arguments)


WITHOUT_CLUSTER = {"rollout", "serving", "soak"}
WITHOUT_NODES = {"operator"}  # these end Jobs themselves, by writing the status of Pods


def _bring_up(*, nodes: bool) -> Cluster:
    chosen = cluster.chosen()
    chosen.up(nodes=nodes)
    helm.ensure()
    if nodes:
        _ensure_images(chosen)
    return chosen


def _ensure_images(chosen: Cluster) -> None:
    for image, reference in images.named().items():
        chosen.ensure_image(image, reference)


def _replaced_by(module: str, *arguments: str) -> None:
    """Become another Python program, in the cluster's network."""
    cluster.chosen().enter()
    _become(module, *arguments)


def _become(module: str, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])


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
    try:
        options.run(options)
    except HarnessError as error:
        progress.console.print(f"harness: {error}", style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
