"""What the resources say of themselves, as it changes: one line for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.table import Table

from harness.api import Manifest
from harness.kubectl import conditions

ORDER = ("Dataset", "Model", "ModelVersion", "ModelDeployment")
_STYLES = {"True": "green", "False": "yellow"}


@dataclass(slots=True)
class Stages:
    """When each kind was Ready for the first time, in seconds since the manifests were applied."""

    ready: dict[str, float] = field(default_factory=dict)
    changed: float = 0.0
    """When any object changed last, in the same seconds."""
    _versions: dict[str, str] = field(default_factory=dict)

    def see(self, objects: Sequence[Manifest], elapsed: float) -> None:
        """Remember which kinds have become Ready, and whether anything changed."""
        versions = {
            each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in objects
        }
        if versions != self._versions:
            self._versions, self.changed = versions, elapsed
        for manifest in objects:
            if conditions(manifest).get("Ready", {}).get("status") == "True":
                self.ready.setdefault(manifest["kind"], elapsed)


def view(objects: Iterable[Manifest], elapsed: float) -> Table:
    """Draw the resources as they stand; a terminal of 80 columns cuts no name."""
    table = Table(title=f"{elapsed:5.1f} s since the manifests were applied", expand=True)
    for heading in ("kind and name", "ready", "message"):
        table.add_column(heading, no_wrap=heading != "message")
    for manifest in sorted(objects, key=lambda manifest: ORDER.index(manifest["kind"])):
        state = conditions(manifest).get("Ready", {})
        truth = state.get("status", "Unknown")
        table.add_row(
            f"{manifest['kind']}\n{manifest['metadata']['name']}",
            f"[{_STYLES.get(truth, 'white')}]{truth}[/]\n{state.get('reason', '-')}",
            state.get("message", "not seen by the operator yet"),
        )
    return table


def stalled(objects: Iterable[Manifest]) -> str | None:
    """Return what an object says that cannot go on, if there is one."""
    for manifest in objects:
        state = conditions(manifest).get("Stalled", {})
        if state.get("status") == "True":
            identity = f"{manifest['kind']} {manifest['metadata']['name']}"
            return f"{identity}: {state['reason']}: {state['message']}"
    return None
