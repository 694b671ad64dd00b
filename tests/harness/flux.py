"""What Flux reads in a custom resource, by the expressions under charts/gitops."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import celpy
import yaml
from celpy.adapter import json_to_cel

from harness.paths import ROOT

EXPRESSIONS = ROOT / "charts/gitops/flux/health-check-exprs.yaml"

Verdict = Literal["InProgress", "Failed", "Current"]

_ORDER: tuple[tuple[str, Verdict], ...] = (
    ("inProgress", "InProgress"),
    ("failed", "Failed"),
    ("current", "Current"),
)


def verdict(manifest: Mapping[str, Any]) -> Verdict:
    """Return the verdict by the rules of RFC 0009 of Flux, in their order."""
    status, generation = manifest.get("status") or {}, manifest["metadata"]["generation"]
    if status.get("observedGeneration", generation) != generation:
        return "InProgress"
    fields = {name: json_to_cel(part) for name, part in manifest.items()}
    programs = _programs(manifest["apiVersion"], manifest["kind"])
    holds = (found for name, found in _ORDER if programs[name].evaluate(fields))
    return next(holds, "InProgress")


@cache
def _programs(api_version: str, kind: str) -> dict[str, celpy.Runner]:
    """Return the compiled expressions of a kind."""
    written = yaml.safe_load(EXPRESSIONS.read_text(encoding="utf-8"))["spec"]["healthCheckExprs"]
    (entry,) = (
        each for each in written if (each["apiVersion"], each["kind"]) == (api_version, kind)
    )
    environment = celpy.Environment()
    return {
        name: environment.program(environment.compile(entry[name])) for name, _verdict in _ORDER
    }
