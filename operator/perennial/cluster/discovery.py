"""Which of the kinds that the operator can watch the API server serves."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

from perennial.api.manifest import Manifest
from perennial.cluster.api import Api
from perennial.cluster.errors import NotFoundError
from perennial.cluster.resources import OWN, RESOURCES, WATCHABLE, Resource

_ALL: Final = tuple(RESOURCES[kind] for kind in WATCHABLE)


class MissingKindsError(Exception):
    """The API server does not serve kinds that the operator cannot work without."""


class ApiDiscovery:
    """The discovery endpoints, `/api/v1` and `/apis/GROUP/VERSION`.

    Every authenticated client may read them (`system:discovery`): no rule of ours is needed.
    """

    def __init__(self, api: Api, resources: Iterable[Resource] = _ALL) -> None:
        self._api = api
        self._resources = tuple(resources)

    async def served_kinds(self) -> tuple[str, ...]:
        by_root: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self._resources:
            by_root[resource.root].append(resource)
        watchable = {root: await self._watchable(root) for root in by_root}
        return tuple(each.kind for each in self._resources if each.plural in watchable[each.root])

    async def _watchable(self, root: str) -> frozenset[str]:
        """Return the plurals of a group and version that can be watched."""
        try:
            found: Manifest = await self._api.request("GET", root)
        except NotFoundError:  # no kind of this group and version is installed
            return frozenset()
        return frozenset(
            each["name"] for each in found.get("resources") or () if "watch" in each["verbs"]
        )


def require(served: Collection[str], resources: Iterable[Resource] = _ALL) -> None:
    """Raise MissingKindsError, naming the remedy, unless all required kinds are served."""
    missing = [each for each in resources if not each.optional and each.kind not in served]
    if not missing:
        return
    names = ", ".join(f"{each.kind} ({each.api_version})" for each in missing)
    if any(each.kind in OWN for each in missing):
        remedy = (
            "install the CustomResourceDefinitions of this release, with the chart "
            "(crds.install: true) or with `kubectl apply -f crds/`"
        )
    else:
        remedy = "use a version of Kubernetes that serves them"
    raise MissingKindsError(f"the API server does not serve {names}: {remedy}")
