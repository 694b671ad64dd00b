"""What the demo measured, as a table, a verdict and a last line."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from demo.latency import Latency
from demo.predictions import BATCH, Asked
from harness.witness import Testimony
from perennial.api.tier import Tier

TOLERANCE = 1e-9
USUAL = {
    "Dataset": 6,
    "Model": 18,
    "ModelVersion": 18,
    "ModelDeployment": 22,
    "first prediction": 22,
    "in all": 115,
}
"""Seconds on two cores of their own, with a cluster that runs and images that are built."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was measured; times in seconds."""

    stages: Mapping[str, float]
    until_first_prediction: float
    batches: Asked
    singly: Asked
    latency: Latency
    failed: int
    auc: float
    largest_difference: float
    recorded: Mapping[str, Any]
    artifact: Mapping[str, Any]
    statuses: Testimony = field(default_factory=Testimony)
    """What each status said when it changed, held against the truth."""

    def problem(self) -> str | None:
        """Return the first promise that was not kept; how long something took is none."""
        return next(self._broken_promises(), None)

    def _broken_promises(self) -> Iterator[str]:
        rows, held_out = len(self.batches.probabilities), self.recorded["samples"]
        for objection in self.statuses.objections:
            yield f"a status was not true: {objection}"
        if self.failed:
            yield f"{self.failed} requests failed, none may"
        if rows != held_out:
            yield f"{rows} flights were asked about, but training held out {held_out}"
        if not self.largest_difference <= TOLERANCE:
            yield (
                f"served and trained answers differ by {self.largest_difference:.3g}, "
                f"at most {TOLERANCE:.0e} is allowed"
            )
        if self.artifact["tier"] != Tier.COMPILED:
            yield f"the version is served as {tier(self.artifact)}, it could be compiled"
        if not math.isclose(self.auc, self._recorded_auc, abs_tol=1e-6):
            yield f"AUC {self.auc:.6f} was served, {self._recorded_auc:.6f} was recorded"

    def last_line(self) -> str:
        """Return what the demo ends with when all went well."""
        count = len(self.batches.probabilities)
        return f"demo: ok: {count:,} predictions, AUC {self.auc:.3f} on held-out flights"

    @property
    def _recorded_auc(self) -> float:
        return float(self.recorded["metrics"]["roc_auc"]["value"])


def summary(outcome: Outcome) -> Table:
    """Draw what was measured."""
    table = Table(title="From three manifests to predictions", show_header=False)
    for kind, seconds in sorted(outcome.stages.items(), key=lambda stage: stage[1]):
        table.add_row(f"{kind} Ready", beside(seconds, USUAL[kind]))
    first = outcome.until_first_prediction
    table.add_row("first prediction", beside(first, USUAL["first prediction"]))
    for how, asked in (
        (f"flights {BATCH} at a time", outcome.batches),
        ("flights singly", outcome.singly),
    ):
        rate = len(asked.probabilities) / asked.seconds
        table.add_row(how, f"{asked.requests:,} requests, {rate:,.0f} flights a second")
    table.add_row("one flight, one caller", str(outcome.latency))
    table.add_row("tier", tier(outcome.artifact))
    table.add_row("requests that failed", f"{outcome.failed}")
    table.add_row("served against trained, largest difference", f"{outcome.largest_difference:.1e}")
    seen = outcome.statuses
    agreed = f"{seen.states} states, {seen.ready} of them Ready, {len(seen.objections)} untrue"
    table.add_row("statuses against the truth", agreed)
    table.add_row("AUC from the served answers", f"{outcome.auc:.6f}")
    measure = outcome.recorded["metrics"]["roc_auc"]
    interval = f"{measure['value']} ({measure['low']} to {measure['high']})"
    table.add_row("AUC recorded by training, 95 % interval", interval)
    return table


def beside(seconds: float, usual: float) -> str:
    """Say how long something took beside how long it usually takes."""
    return f"{seconds:.1f} s (usually {usual:.0f} s)"


def tier(artifact: Mapping[str, Any]) -> str:
    """Say how the version is served, and what was seen when that was decided."""
    why = artifact.get("tierReason")
    if why:
        return f"{artifact['tier']}: {why}"
    difference = float(artifact["largestDifference"])
    return f"{artifact['tier']}: {artifact['comparedRows']:,} rows, at most {difference:.1e} apart"
