"""Install the operator, apply three manifests, check every prediction, and spoil an export."""

import argparse
import asyncio
import re
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich._export_format import CONSOLE_SVG_FORMAT
from sklearn.metrics import roc_auc_score

from demo import live, slipped_export
from demo.flights import flights, parquet_files, slipped
from demo.held_out import HeldOut, held_out
from demo.latency import latency
from demo.predictions import BATCH, Asked, ask
from demo.slipped_story import story
from demo.summary import USUAL, Outcome, beside, summary
from demo.watch import PATIENCE, DemoFailedError, watched
from harness import bucket as buckets
from harness import chart, cluster, reach, witness
from harness.api import Api, Manifest
from harness.bucket import Bucket
from harness.cluster import Cluster
from harness.kubectl import Kubectl, documents
from harness.paths import ROOT
from harness.programs import HarnessError
from harness.progress import console, since_the_command, step
from harness.servers import prometheus
from harness.servers.store import of_cluster
from harness.truth import Truth
from perennial.api.names import KIND

MANIFESTS = ROOT / "crds/examples/flights.yaml"
NAMESPACE = "delays"
MODEL = "flight-delay"
WITHOUT_WEB_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""rich's picture of a terminal, in the reader's own monospaced font: nothing is fetched."""


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
    except (DemoFailedError, HarnessError, AssertionError) as failure:
        console.print(f"demo: failed: {failure}", markup=False)
        return 1
    in_all = beside(since_the_command(), USUAL["in all"])
    console.print(f"{outcome.last_line()}, {in_all}", markup=False)
    return 0


def run(chosen: Cluster) -> Outcome:
    """Play both acts, on a namespace that is made anew; return the outcome of the first."""
    bucket = buckets.opened(of_cluster(chosen.kubeconfig()))
    kubectl = Kubectl(Api(chosen.kubeconfig()), NAMESPACE)
    lacks = Truth(kubectl, bucket).lacks
    with step("install the operator with its chart"):
        judging = {"prometheus": {"default": {"url": prometheus.ADDRESS}}}
        chart.Release(chosen).install({**chart.default_values(chosen), **judging})
    with step(f"namespace {NAMESPACE}, and the flights of January and February in the bucket"):
        rows = flights()
        _prepare(kubectl, bucket, rows)
    with witness.watching(kubectl, lacks) as testimony:
        served = _served(kubectl, bucket)
        outcome = _measured(served)
    outcome = replace(outcome, statuses=testimony)
    console.print("", summary(outcome), sep="\n")
    _demand(outcome.problem())
    with witness.watching(kubectl, lacks) as testimony:
        told = slipped_export.play(kubectl, bucket, slipped(rows), served.unseen)
    told = replace(told, statuses=testimony)
    console.print("", story(told), sep="\n")
    _demand(told.problem())
    return outcome


def _demand(problem: str | None) -> None:
    if problem:
        raise DemoFailedError(problem)


@dataclass(frozen=True, slots=True)
class Served:
    """A model that answers, and how long that took."""

    address: str
    version: Manifest
    unseen: HeldOut
    stages: live.Stages
    until_first_prediction: float
    failed: int


def _served(kubectl: Kubectl, bucket: Bucket) -> Served:
    """Apply the manifests, and wait until the model is served and has answered."""
    began = time.monotonic()
    kubectl.apply(MANIFESTS)
    stages = watched(kubectl, began, lambda _, stages: "ModelDeployment" in stages.ready)
    version = _served_version(kubectl)
    unseen = held_out(bucket, kubectl.get("Model", MODEL), version)
    address = reach.service_address(kubectl, MODEL)
    first = asyncio.run(ask(address, unseen.rows[:1], 1, "true", _silent))
    return Served(address, version, unseen, stages, time.monotonic() - began, first.failed)


def _measured(served: Served) -> Outcome:
    """Ask about every unseen flight."""
    unseen = served.unseen
    batches = _ask_all(served.address, unseen, BATCH, "in batches")
    singly = _ask_all(served.address, unseen, 1, "singly")
    waited = latency(served.address, unseen.rows)
    return Outcome(
        stages=served.stages.ready,
        until_first_prediction=served.until_first_prediction,
        batches=batches,
        singly=singly,
        latency=waited,
        failed=served.failed + batches.failed + singly.failed,
        auc=float(roc_auc_score(unseen.happened, batches.probabilities))
        if not batches.failed
        else float("nan"),
        largest_difference=_largest_difference(unseen, batches, singly),
        recorded=served.version["spec"]["evaluation"],
        artifact=served.version["spec"]["artifact"],
    )


def _prepare(kubectl: Kubectl, bucket: Bucket, rows: pd.DataFrame) -> None:
    """Make the namespace anew; with pods in it, its end would wait for their grace period."""
    everywhere = Kubectl(kubectl.api)
    for deployment in kubectl.all("ModelDeployment"):
        kubectl.delete("ModelDeployment", deployment["metadata"]["name"])
    for name, content in parquet_files(rows).items():
        bucket.put(f"raw/flights/{name}", content)
    for pod in kubectl.all("Pod", labels=f"{KIND}=ModelDeployment"):
        kubectl.wait_gone("Pod", pod["metadata"]["name"], PATIENCE)
    everywhere.delete("Namespace", NAMESPACE)
    everywhere.wait_gone("Namespace", NAMESPACE, PATIENCE)
    namespace = documents(
        f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}, labels: "
        "{pod-security.kubernetes.io/enforce: restricted}}}"
    )
    everywhere.apply(namespace)
    bucket.give_access(kubectl)


def _served_version(kubectl: Kubectl) -> Manifest:
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
