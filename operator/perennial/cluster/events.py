"""Kubernetes Events: one for each finding about an object, counted instead of repeated."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from perennial.api.manifest import Manifest
from perennial.api.times import to_timestamp
from perennial.cluster.api import MERGE, Api
from perennial.cluster.errors import AlreadyExists, NotFound
from perennial.cluster.resources import RESOURCES

_QUIET = timedelta(minutes=1)
_REMEMBERED = 4096
_LONGEST_MESSAGE = 1024


class _Told(NamedTuple):
    times: int
    at: datetime


class Events:
    """Posts Events whose names follow from what they say, so that no crash doubles one."""

    def __init__(self, api: Api, now: Callable[[], datetime]) -> None:
        """Begin with no memory: the names make up for it."""
        self._api = api
        self._now = now
        self._told: OrderedDict[str, _Told] = OrderedDict()

    async def post(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        """Post an Event, or count it once more; the same one at most once a minute."""
        event = _event(about, type_, reason, message[:_LONGEST_MESSAGE], self._now())
        name = event["metadata"]["name"]
        before = self._told.get(name)
        if before is None:
            count = await self._post(event)
        elif self._now() - before.at < _QUIET:
            self._told[name] = before._replace(times=before.times + 1)
            return
        else:
            count = await self._count(event, before.times + 1)
        self._told[name] = _Told(count, self._now())
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)

    async def _post(self, event: dict[str, Any]) -> int:
        namespace, name = event["metadata"]["namespace"], event["metadata"]["name"]
        try:
            await self._api.request("POST", RESOURCES["Event"].path(namespace), event)
        except AlreadyExists:
            posted = await self._api.request("GET", RESOURCES["Event"].path(namespace, name))
            return await self._count(event, int(posted.get("count") or 1) + 1)
        return 1

    async def _count(self, event: dict[str, Any], count: int) -> int:
        namespace, name = event["metadata"]["namespace"], event["metadata"]["name"]
        news = {"count": count, "lastTimestamp": event["lastTimestamp"]}
        path = RESOURCES["Event"].path(namespace, name)
        try:
            await self._api.request("PATCH", path, news, content_type=MERGE)
        except NotFound:  # Events live for an hour
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
