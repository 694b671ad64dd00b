"""A cluster with everything in it that tests and the demo rely on, and the end of it."""

from collections.abc import Sequence

from harness import cluster as clusters
from harness import images, progress, tools
from harness.cluster import Cluster
from harness.golang import Program
from harness.kind import inside
from harness.servers import deploy
from harness.servers.images import PROMETHEUS

IMAGES = 4
"""Minutes that the images take on two cores, once; what changes later is built in one."""


def bring_up(cluster: Cluster, *, nodes: bool = True) -> None:
    """Bring a cluster up with its servers and the project's images; repair what is not right."""
    if cluster is inside:
        return
    needed = (*cluster.programs_to_compile(), PROMETHEUS)
    missing = [program for program in needed if not program.path.exists()]
    progress.console.print(outlook(missing, is_up=cluster.is_up()), markup=False)
    tools.ensure()
    cluster.up(nodes=nodes)
    if nodes:
        deploy.ensure(cluster.kubectl(), cluster.ensure_image)
        ensure_images(cluster)
    else:
        deploy.ensure_credentials(cluster.kubectl())


def ensure_images(cluster: Cluster) -> None:
    """Give the nodes every image of the project that they lack."""
    for image, reference in images.named().items():
        cluster.ensure_image(image, reference)


def take_down() -> None:
    """Remove every cluster of ours on this machine, of either kind."""
    for cluster in clusters.present():
        cluster.down()


def outlook(missing: Sequence[Program], *, is_up: bool) -> str:
    """Return what will happen and how long it takes: the first line that a person sees."""
    if is_up:
        return "The cluster is up: a few seconds, and about a minute for an image that changed."
    if not missing:
        return "The cluster starts: about one minute on 2 cores."
    minutes = round(sum(program.minutes for program in missing)) + IMAGES
    names = ", ".join(program.name for program in missing)
    return (
        f"First start on this machine: compiles {names}, then builds images:"
        f" about {minutes} minutes on 2 cores. Later starts take about one minute."
    )
