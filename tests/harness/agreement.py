"""Whether all who read a status read the same: kstatus, kubectl, Argo CD, Flux, and a person."""

from collections.abc import Callable
from typing import Final

from harness import argocd, flux
from harness.api import Manifest
from harness.kstatus import kstatus
from harness.kubectl import condition, conditions

HEALTH: Final = {
    "Current": ("Healthy",),
    "InProgress": ("Progressing", "Suspended"),
    "Failed": ("Degraded",),
}
"""What Argo CD shows for each verdict of kstatus."""

Rule = Callable[[Manifest], str | None]


def disagreements(manifest: Manifest) -> list[str]:
    """Return what the status of one of our objects contradicts itself in; nothing, if all agree."""
    if manifest["metadata"].get("deletionTimestamp"):
        return []
    return [said for rule in RULES if (said := rule(manifest))]


def waiting_ends_when_kstatus_says_current(manifest: Manifest) -> str | None:
    """`kubectl wait --for=condition=Ready` and Helm's `--wait` end at the same state."""
    verdict, waited = kstatus(manifest), condition("Ready")(manifest)
    if waited == (verdict == "Current"):
        return None
    return f"kubectl wait would {'end' if waited else 'go on'}, and kstatus says {verdict}"


def failed_means_stalled(manifest: Manifest) -> str | None:
    """What kstatus gives up on says itself that it is stuck, and the other way round."""
    stalled, verdict = condition("Stalled")(manifest), kstatus(manifest)
    if stalled == (verdict == "Failed"):
        return None
    return f"Stalled is {stalled}, and kstatus says {verdict}"


def argo_cd_reads_the_same(manifest: Manifest) -> str | None:
    """The health in Argo CD is that of kstatus; what waits for a person is Suspended."""
    health, verdict = argocd.health(manifest).status, kstatus(manifest)
    if health in HEALTH[verdict]:
        return None
    return f"Argo CD says {health}, and kstatus says {verdict}"


def flux_reads_the_same(manifest: Manifest) -> str | None:
    """The expressions for Flux lead to the verdict of kstatus."""
    verdict, expected = flux.verdict(manifest), kstatus(manifest)
    return None if verdict == expected else f"Flux says {verdict}, and kstatus says {expected}"


def stuck_or_under_way_but_not_both(manifest: Manifest) -> str | None:
    """Nobody can tell what to do about an object that is stuck and goes on."""
    true = [kind for kind, each in conditions(manifest).items() if each["status"] == "True"]
    return "it is Stalled and Reconciling" if {"Stalled", "Reconciling"} <= set(true) else None


def all_speak_of_one_generation(manifest: Manifest) -> str | None:
    """No condition is left behind, and none speaks of a spec that nobody has written."""
    status = manifest.get("status") or {}
    observed, generation = status.get("observedGeneration", -1), manifest["metadata"]["generation"]
    spoken_of = {each["observedGeneration"] for each in conditions(manifest).values()}
    if spoken_of <= {observed} and observed <= generation:
        return None
    return f"it observed {observed}, conditions speak of {sorted(spoken_of)} of {generation}"


def an_observed_object_speaks(manifest: Manifest) -> str | None:
    """Ready is there, whatever it says, from the first status on; kstatus needs it."""
    observed = (manifest.get("status") or {}).get("observedGeneration")
    if observed is None:
        return "it has no observedGeneration, which kstatus takes for done"
    return None if observed < 0 or "Ready" in conditions(manifest) else "it does not say Ready"


RULES: tuple[Rule, ...] = (
    waiting_ends_when_kstatus_says_current,
    failed_means_stalled,
    argo_cd_reads_the_same,
    flux_reads_the_same,
    stuck_or_under_way_but_not_both,
    all_speak_of_one_generation,
    an_observed_object_speaks,
)
