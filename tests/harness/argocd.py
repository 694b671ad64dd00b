"""What Argo CD reads in a custom resource: health and actions, by the scripts under charts/gitops.

Scripts run as Argo CD runs them: in Lua 5.1, with `obj` as a global, without the libraries for
strings, numbers and files, and with the two functions of `os` that tell the time.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lupa import lua51

from harness.paths import ROOT

CUSTOMIZATIONS = ROOT / "charts/gitops/argocd/resource_customizations"

Status = Literal["Healthy", "Progressing", "Suspended", "Degraded"]

_SANDBOX = """
local date, time = os.date, os.time
debug.setmetatable("", nil)
package.preload.os = function() return { date = date, time = time } end
io, os, string, math, debug, coroutine, python = nil
"""


class Health(NamedTuple):
    """What Argo CD shows of a resource."""

    status: Status
    message: str


def health(manifest: Mapping[str, Any]) -> Health:
    """Return the health of one of our resources; one that is being deleted needs no script."""
    if manifest["metadata"].get("deletionTimestamp"):
        return Health("Progressing", "Pending deletion")
    found = run(_folder(manifest) / "health.lua", manifest)
    return Health(found["status"], found["message"])


def actions(manifest: Mapping[str, Any]) -> dict[str, bool]:
    """Return the actions of a resource, and whether each can be chosen now."""
    found = run(_folder(manifest) / "actions/discovery.lua", manifest)
    return {name: not each.get("disabled") for name, each in sorted(found.items())}


def act(action: str, manifest: Mapping[str, Any]) -> Any:
    """Return the operations that an action leads to."""
    return run(_folder(manifest) / "actions" / action / "action.lua", manifest)


def run(script: Path, manifest: Mapping[str, Any]) -> Any:
    """Return what a script returns for an object, as JSON."""
    lua = lua51.LuaRuntime(register_eval=False, register_builtins=False)
    lua.execute(_SANDBOX)
    lua.globals().obj = lua.table_from(manifest, recursive=True)
    return _plain(lua.execute(_text(script)))


@cache
def _text(script: Path) -> str:
    return script.read_text(encoding="utf-8")


def _folder(manifest: Mapping[str, Any]) -> Path:
    group, _, _ = str(manifest["apiVersion"]).partition("/")
    return CUSTOMIZATIONS / group / str(manifest["kind"])


def _plain(value: Any) -> Any:
    """Return a table as Argo CD encodes it: a list if it is one or empty, else an object."""
    if lua51.lua_type(value) != "table":
        return value
    if len(value) or not list(value):
        return [_plain(value[index]) for index in range(1, len(value) + 1)]
    return {key: _plain(item) for key, item in value.items()}
