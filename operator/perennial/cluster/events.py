"""Posts Kubernetes Events: one for each finding about an object, counted when it recurs."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from perennial.api.manifest import Manifest
from perennial.api.times import to_timestamp
from perennial.cluster.api import MERGE, Api
from perennial.cluster.errors import AlreadyExistsError, NotFoundError
from perennial.cluster.resources import RESOURCES

_QUIET = timedelta(minutes=1)
_REMEMBERED = 4096
_LONGEST_MESSAGE = 1024


class _Posted(NamedTuple):
    times: int
    at: datetime


class Events:
    """Posts Events under names derived from their content, so that a crash duplicates none."""

    def __init__(self, api: Api, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now
        self._posted: OrderedDict[str, _Posted] = OrderedDict()

    async def post(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        """Post an Event, or increase its count; the same Event is written at most once a minute."""
        event = _event(about, type_, reason, message[:_LONGEST_MESSAGE], self._now())
        name = event["metadata"]["name"]
        before = self._posted.get(name)
        if before is None:
            count = await self._post(event)
        elif self._now() - before.at < _QUIET:
            self._posted[name] = before._replace(times=before.times + 1)
            return
        else:
            count = await self._count(event, before.times + 1)
        self._posted[name] = _Posted(count, self._now())
        while len(self._posted) > _REMEMBERED:
            self._posted.popitem(last=False)

    async def _post(self, event: dict[str, Any]) -> int:
        namespace, name = event["metadata"]["namespace"], event["metadata"]["name"]
        try:
            await self._api.request("POST", RESOURCES["Event"].path(namespace), event)
        except AlreadyExistsError:
            posted = await self._api.request("GET", RESOURCES["Event"].path(namespace, name))
            return await self._count(event, int(posted.get("count") or 1) + 1)
        return 1

    async def _count(self, event: dict[str, Any], count: int) -> int:
        namespace, name = event["metadata"]["namespace"], event["metadata"]["name"]
        changes = {"count": count, "lastTimestamp": event["lastTimestamp"]}
        path = RESOURCES["Event"].path(namespace, name)
        try:
            await self._api.request("PATCH", path, changes, content_type=MERGE)
        except NotFoundError:  # the API server keeps Events for an hour
            await self._api.request("POST", RESOURCES["Event"].path(namespace), event)
            return 1
        return count


def _event(about: Manifest, type_: str, reason: str, message: str, now: datetime) -> dict[str, Any]:
    metadata = about["metadata"]
    identity = "\0".join((metadata["uid"], type_, reason, message))
    moment = to_timestamp(now)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{metadata['name']}.{hashlib.sha256(identity.encode()).hexdigest()[:16]}",
            "namespace": metadata["namespace"],
        },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
        },
        "type": type_,
        "reason": reason,
        "message": message,
        "source": {"component": "perennial"},
        "reportingComponent": "perennial.dev/operator",
        "reportingInstance": "perennial",
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
    }
