"""Waiting for the resources, and giving up with their own words."""

import time
from collections.abc import Callable, Sequence

from rich.live import Live

from demo import live
from harness.api import Manifest
from harness.kubectl import Kubectl
from harness.progress import console

PATIENCE = 1800
"""Seconds without any change after which nothing more is expected; a slow machine changes too."""
Until = Callable[[Sequence[Manifest], live.Stages], bool]


class DemoFailedError(Exception):
    """The demo did not show what it promises; the message is its last line."""


def watched(
    kubectl: Kubectl, began: float, until: Until, *, transient: bool = False
) -> live.Stages:
    """Show what the resources say until it is what is waited for, or what cannot go on."""
    stages = live.Stages()
    with Live(console=console, refresh_per_second=4, transient=transient) as display:
        while True:
            objects = [manifest for kind in live.ORDER for manifest in kubectl.all(kind)]
            elapsed = time.monotonic() - began
            stages.see(objects, elapsed)
            display.update(live.view(objects, elapsed))
            if until(objects, stages):
                return stages
            if problem := live.stalled(objects):
                raise DemoFailedError(problem)
            if elapsed - stages.changed > PATIENCE:
                raise DemoFailedError(f"nothing changed for {PATIENCE} s; see the table above")
            time.sleep(0.25)
