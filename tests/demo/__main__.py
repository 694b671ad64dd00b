"""Install the operator, apply three manifests, and check every prediction that comes back."""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.live import Live
from sklearn.metrics import roc_auc_score

from demo import live
from demo.flights import flights, parquet_files
from demo.held_out import HeldOut, held_out
from demo.latency import latency
from demo.predictions import BATCH, Asked, ask
from demo.summary import USUAL, Outcome, beside, summary
from harness import bucket as buckets
from harness import chart, cluster, reach, witness
from harness.api import Api
from harness.bucket import Bucket
from harness.cluster import Cluster
from harness.kubectl import Kubectl, documents
from harness.programs import HarnessError
from harness.progress import console, since_the_command, step
from harness.servers.store import of_cluster
from harness.truth import Truth

MANIFESTS = chart.ROOT / "crds/examples/flights.yaml"
NAMESPACE = "delays"
MODEL = "flight-delay"
PATIENCE = 1800
"""Seconds without any change after which nothing more is expected; a slow machine changes too."""
WITHOUT_WEB_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""rich's picture of a terminal, in the reader's own monospaced font: nothing is fetched."""


class DemoFailedError(Exception):
    """The demo did not show what it promises; the message is its last line."""


def main() -> int:
    """Run the demo, and save its output as a picture where one is wanted."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--svg", metavar="FILE", type=Path, help="SVG of redirected output")
    picture = parser.parse_args().svg
    console.record = picture is not None
    status = demonstrate()
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        console.save_svg(str(picture), title="make demo", code_format=WITHOUT_WEB_FONTS)
    return status


def demonstrate() -> int:
    """Run the demo; its last line says how it went."""
    try:
        outcome = run(cluster.chosen())
    except (DemoFailedError, HarnessError) as failure:
        console.print(f"demo: failed: {failure}", markup=False)
        return 1
    console.print("", summary(outcome), sep="\n")
    if problem := outcome.problem():
        console.print(f"demo: failed: {problem}", markup=False)
        return 1
    in_all = beside(since_the_command(), USUAL["in all"])
    console.print(f"{outcome.last_line()}, {in_all}", markup=False)
    return 0


def run(chosen: Cluster) -> Outcome:
    """Go through the main job once, on a namespace that is made anew."""
    bucket = buckets.opened(of_cluster(chosen.kubeconfig()))
    kubectl = Kubectl(Api(chosen.kubeconfig()), NAMESPACE)
    with step("install the operator with its chart"):
        chart.Release(chosen).install()
    with step(f"namespace {NAMESPACE}, and the flights of January and February in the bucket"):
        _prepare(kubectl, bucket)
    with witness.watching(kubectl, Truth(kubectl, bucket).lacks) as testimony:
        outcome = _measured(kubectl, bucket)
    return replace(outcome, statuses=testimony)


def _measured(kubectl: Kubectl, bucket: Bucket) -> Outcome:
    """Apply the manifests, wait until the model is served, and ask about every unseen flight."""
    began = time.monotonic()
    kubectl.apply(MANIFESTS)
    stages = watched(kubectl, began)
    version = _served_version(kubectl)
    with tempfile.TemporaryDirectory() as folder:
        unseen = held_out(bucket, kubectl.get("Model", MODEL), version, Path(folder))
    address = reach.service_address(kubectl, MODEL)
    first = asyncio.run(ask(address, unseen.rows[:1], 1, "true", _silent))
    until_first = time.monotonic() - began
    batches = _ask_all(address, unseen, BATCH, "in batches")
    singly = _ask_all(address, unseen, 1, "singly")
    waited = latency(address, unseen.rows)
    return Outcome(
        stages=stages.ready,
        until_first_prediction=until_first,
        batches=batches,
        singly=singly,
        latency=waited,
        failed=first.failed + batches.failed + singly.failed,
        auc=float(roc_auc_score(unseen.happened, batches.probabilities))
        if not batches.failed
        else float("nan"),
        largest_difference=_largest_difference(unseen, batches, singly),
        recorded=version["spec"]["evaluation"],
        artifact=version["spec"]["artifact"],
    )


def watched(kubectl: Kubectl, began: float) -> live.Stages:
    """Show what the resources say until the model is served; give up with their own words."""
    stages = live.Stages()
    with Live(console=console, refresh_per_second=4, transient=False) as display:
        while True:
            objects = [manifest for kind in live.ORDER for manifest in kubectl.all(kind)]
            elapsed = time.monotonic() - began
            stages.see(objects, elapsed)
            display.update(live.view(objects, elapsed))
            if "ModelDeployment" in stages.ready:
                return stages
            if problem := live.stalled(objects):
                raise DemoFailedError(problem)
            if elapsed - stages.changed > PATIENCE:
                raise DemoFailedError(f"nothing changed for {PATIENCE} s; see the table above")
            time.sleep(0.25)


def _prepare(kubectl: Kubectl, bucket: Bucket) -> None:
    everywhere = Kubectl(kubectl.api)
    everywhere.delete("Namespace", NAMESPACE)
    everywhere.wait_gone("Namespace", NAMESPACE, PATIENCE)
    namespace = documents(
        f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}, labels: "
        "{pod-security.kubernetes.io/enforce: restricted}}}"
    )
    everywhere.apply(namespace)
    bucket.give_access(kubectl)
    for name, content in parquet_files(flights()).items():
        bucket.put(f"raw/flights/{name}", content)


def _served_version(kubectl: Kubectl) -> dict:
    deployment = kubectl.get("ModelDeployment", MODEL)
    return kubectl.get("ModelVersion", deployment["status"]["stable"]["version"])


def _ask_all(address: str, unseen: HeldOut, size: int, how: str) -> Asked:
    count = len(unseen.rows)
    with console.status(f"asking about {count:,} flights {how}") as status:
        done = 0

        def show(rows: int) -> None:
            nonlocal done
            done += rows
            status.update(f"asking about {count:,} flights {how}: {done:,}")

        return asyncio.run(ask(address, unseen.rows, size, "true", show))


def _largest_difference(unseen: HeldOut, *asked: Asked) -> float:
    return max(
        float(np.max(np.abs(np.array(answers.probabilities) - unseen.expected)))
        for answers in asked
    )


def _silent(_: int) -> None:
    """One row needs no progress."""


if __name__ == "__main__":
    sys.exit(main())
