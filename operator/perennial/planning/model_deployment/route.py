"""The HTTPRoute of a ModelDeployment: its weights, and a marker that proves them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from perennial.api.manifest import Manifest
from perennial.api.names import labels, revision_name
from perennial.api.rollout import ParentReference, Route
from perennial.planning.model_deployment.deployment import KIND
from perennial.planning.model_deployment.services import PORT
from perennial.planning.model_deployment.traffic import Traffic

API_VERSION: Final = "gateway.networking.k8s.io/v1"
MARKER_HEADER: Final = "x-perennial-shift"
REVISION_HEADER: Final = "x-perennial-revision"


class _Path(NamedTuple):
    type: str
    path: str


_PATHS: Final = (
    _Path("Exact", "/"),
    _Path("Exact", "/openapi.json"),
    _Path("Exact", "/predict"),
    _Path("Exact", "/feedback"),
    _Path("PathPrefix", "/v2"),
)
"""Predictions, feedback and descriptions. Metrics are not reachable through the route.

A route has at most 16 rules. With a path prefix each path needs a rule of its own, because it is
rewritten in its own way: 5 paths for all, 5 for each of two revisions, and the marker are 16.
"""


def http_route(
    name: str, namespace: str, route: Route, traffic: Traffic, reachable: Iterable[str]
) -> Manifest:
    """Return the route; `reachable` revisions can be chosen by a header."""
    prefix = route.path_prefix or ""
    rules = [_marker_rule(prefix, traffic.digest)]
    for revision in reachable:
        header: list[Manifest] = [{"name": REVISION_HEADER, "value": revision}]
        rules += _rules(prefix, header, _backends(name, {revision: 1}))
    rules += _rules(prefix, [], _backends(name, traffic.weights))
    return {
        "apiVersion": API_VERSION,
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(KIND, name)},
        "spec": {
            "parentRefs": [_parent(route.parent_ref)],
            "hostnames": list(route.hostnames),
            "rules": rules,
        },
    }


def marker_path(prefix: str, digest: str = "") -> str:
    """Return the path of a probe, or with a digest the path that it is redirected to."""
    return f"{prefix}/perennial-shift" + (f"/{digest}" if digest else "")


def weights_of(name: str, route: Manifest) -> dict[str, int]:
    """Return the weights in a route, by revision."""
    plain = (rule for rule in _rules_of(route) if rule.get("backendRefs") and not _header_of(rule))
    backends = next(plain, {}).get("backendRefs") or ()
    return {
        backend["name"].removeprefix(f"{name}-"): backend.get("weight", 1) for backend in backends
    }


def marker_of(route: Manifest) -> str | None:
    """Return the digest that the marker rule of a route names."""
    headers = (_header_of(rule) for rule in _rules_of(route))
    marker = next((each for each in headers if each and each["name"] == MARKER_HEADER), None)
    return marker["value"] if marker else None


def _marker_rule(prefix: str, digest: str) -> Manifest:
    """Return a rule that comes with the weights in one write, and needs no backend to answer."""
    path = {"type": "ReplaceFullPath", "replaceFullPath": marker_path(prefix, digest)}
    return {
        "matches": [
            {
                "path": {"type": "PathPrefix", "value": marker_path(prefix)},
                "headers": [{"name": MARKER_HEADER, "value": digest}],
            }
        ],
        "filters": [
            {"type": "RequestRedirect", "requestRedirect": {"path": path, "statusCode": 302}}
        ],
    }


def _rules(prefix: str, headers: list[Manifest], backends: list[Manifest]) -> Iterator[Manifest]:
    if not prefix:
        matches = [_match(path, path.path, headers) for path in _PATHS]
        yield {"matches": matches, "backendRefs": backends}
        return
    for path in _PATHS:
        yield {
            "matches": [_match(path, f"{prefix}{path.path}".rstrip("/"), headers)],
            "filters": [_without_prefix(path)],
            "backendRefs": backends,
        }


def _match(path: _Path, value: str, headers: list[Manifest]) -> Manifest:
    match: dict[str, Any] = {"path": {"type": path.type, "value": value}}
    return {**match, "headers": headers} if headers else match


def _without_prefix(path: _Path) -> Manifest:
    rewritten = (
        {"type": "ReplaceFullPath", "replaceFullPath": path.path}
        if path.type == "Exact"
        else {"type": "ReplacePrefixMatch", "replacePrefixMatch": path.path}
    )
    return {"type": "URLRewrite", "urlRewrite": {"path": rewritten}}


def _backends(name: str, weights: Mapping[str, int]) -> list[Manifest]:
    return [
        {"name": revision_name(name, revision), "port": PORT, "weight": weight}
        for revision, weight in weights.items()
    ]


def _parent(reference: ParentReference) -> Manifest:
    return reference.model_dump(mode="json", by_alias=True, exclude_none=True)


def _rules_of(route: Manifest) -> list[Manifest]:
    return route["spec"].get("rules") or []


def _header_of(rule: Manifest) -> Manifest | None:
    matches = rule.get("matches") or [{}]
    headers = matches[0].get("headers") or []
    return headers[0] if headers else None
