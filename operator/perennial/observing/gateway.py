"""What the HTTPRoute of a ModelDeployment and its Gateway show, and how the Gateway is probed."""

import ipaddress
from collections.abc import Iterator

from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, controller_of
from perennial.planning.model_deployment import route as routes
from perennial.planning.model_deployment.observed import RouteSeen
from perennial.servers.client import Redirect


def gateway_key(manifest: Manifest) -> Key | None:
    """Return the Gateway that a ModelDeployment names; the spec may be invalid."""
    route = (manifest.get("spec") or {}).get("route") or {}
    parent = route.get("parentRef") or {}
    if not parent.get("name"):
        return None
    return Key(
        "Gateway", parent.get("namespace") or manifest["metadata"]["namespace"], parent["name"]
    )


def route_of(cache: Cache, manifest: Manifest) -> Manifest | None:
    """Return the HTTPRoute of a ModelDeployment if it is its own."""
    metadata = manifest["metadata"]
    found = cache.get(Key("HTTPRoute", metadata["namespace"], metadata["name"]))
    controller = controller_of(found) if found else None
    return found if controller and controller["uid"] == metadata["uid"] else None


def route_seen(cache: Cache, manifest: Manifest) -> RouteSeen | None:
    """Return what a plan reads from the HTTPRoute."""
    route = route_of(cache, manifest)
    if route is None:
        return None
    metadata = route["metadata"]
    return RouteSeen(
        uid=metadata["uid"],
        weights=routes.weights_of(metadata["name"], route),
        marker=routes.marker_of(route),
        is_accepted=_is_accepted(route),
        is_probed=bool(list(_redirects(cache, manifest, route))),
        problem=_problem(route),
    )


def probe_of(cache: Cache, manifest: Manifest) -> tuple[Redirect, ...]:
    """Return the probes that prove the last shift; none if it is proven, or cannot be probed."""
    route = route_of(cache, manifest)
    if route is None:
        return ()
    shift = (manifest.get("status") or {}).get("shift") or {}
    if shift.get("proven") and shift.get("wanted") == routes.marker_of(route):
        return ()
    return tuple(_redirects(cache, manifest, route))


def _redirects(cache: Cache, manifest: Manifest, route: Manifest) -> Iterator[Redirect]:
    """Yield one probe for each address of the Gateway."""
    key, marker = gateway_key(manifest), routes.marker_of(route)
    gateway = cache.get(key) if key else None
    listener = _listener(gateway, manifest) if gateway else None
    if gateway is None or listener is None or marker is None:
        return
    prefix = manifest["spec"]["route"].get("pathPrefix") or ""
    for address in (gateway.get("status") or {}).get("addresses") or ():
        if _is_ip(address["value"]):
            yield Redirect(
                host=address["value"],
                port=listener["port"],
                is_tls=listener["protocol"] == "HTTPS",
                hostname=_hostname(manifest["spec"]["route"], listener),
                path=routes.marker_path(prefix),
                header=(routes.MARKER_HEADER, marker),
                target=routes.marker_path(prefix, marker),
            )


def _is_ip(value: str) -> bool:
    """Return whether an address is one: a host name, as of a load balancer, is not resolved."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _listener(gateway: Manifest, manifest: Manifest) -> Manifest | None:
    """Return the first listener for HTTP that takes the route."""
    listeners = gateway["spec"].get("listeners") or ()
    found: Manifest | None = next(
        (each for each in listeners if _takes(each, gateway, manifest)), None
    )
    return found


def _takes(listener: Manifest, gateway: Manifest, manifest: Manifest) -> bool:
    """Return whether a listener takes the route; labels of namespaces are not compared."""
    route = manifest["spec"]["route"]
    named = route["parentRef"].get("sectionName")
    namespaces = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    is_near = gateway["metadata"]["namespace"] == manifest["metadata"]["namespace"]
    return (
        listener["protocol"] in ("HTTP", "HTTPS")
        and named in (None, listener["name"])
        and (is_near or namespaces.get("from", "Same") != "Same")
        and bool(_hostnames(route, listener))
    )


def _hostname(route: Manifest, listener: Manifest) -> str | None:
    """Return a name that both the route and the listener match; of a wildcard, a name below it."""
    name = _hostnames(route, listener)[0]
    return name.replace("*", "perennial-probe", 1) if name else None


def _hostnames(route: Manifest, listener: Manifest) -> list[str | None]:
    """Return the names that the route has at a listener; None stands for any name."""
    limit = listener.get("hostname") or None
    names = route.get("hostnames") or [limit]
    return [name if _is_below(name, limit) else limit for name in names if _meet(name, limit)]


def _meet(name: str | None, other: str | None) -> bool:
    return _is_below(name, other) or _is_below(other, name)


def _is_below(name: str | None, other: str | None) -> bool:
    """Return whether every host that matches `name` matches `other` as well."""
    if other is None or name == other:
        return True
    return name is not None and other.startswith("*.") and name.endswith(other[1:])


def _is_accepted(route: Manifest) -> bool:
    accepted = [each for each in _conditions(route) if each["type"] == "Accepted"]
    generation = route["metadata"].get("generation")
    return bool(accepted) and all(
        each["status"] == "True" and each.get("observedGeneration") == generation
        for each in accepted
    )


def _problem(route: Manifest) -> str:
    wrong = (
        each.get("message") or each.get("reason") or each["type"]
        for each in _conditions(route)
        if each["type"] in ("Accepted", "ResolvedRefs") and each["status"] == "False"
    )
    return next(wrong, "")[:256]


def _conditions(route: Manifest) -> Iterator[Manifest]:
    for parent in (route.get("status") or {}).get("parents") or ():
        yield from parent.get("conditions") or ()
