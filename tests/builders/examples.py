"""The example manifests as test data, and how a test makes a mistake in one."""

import copy
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "crds/examples"
ABSENT = object()

Manifest = dict[str, Any]


def documents(name: str) -> list[Manifest]:
    """Return the manifests of one example file."""
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def example(name: str) -> Manifest:
    """Return the one manifest of an example file."""
    (manifest,) = documents(name)
    return manifest


def changed(manifest: Manifest, changes: Mapping[str, object]) -> Manifest:
    """Return a copy with other values at paths such as `spec.columns[0].type`; ABSENT removes."""
    copied = copy.deepcopy(manifest)
    for path, value in changes.items():
        _put(copied, [_step(part) for part in re.findall(r"[^.\[\]]+", path)], value)
    return copied


def _step(part: str) -> str | int:
    return int(part) if part.isdigit() else part


def _put(node: Any, steps: list[str | int], value: object) -> None:
    for step, following in itertools.pairwise(steps):
        if isinstance(node, dict) and step not in node:
            node[step] = [] if isinstance(following, int) else {}
        node = node[step]
    if value is ABSENT:
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
