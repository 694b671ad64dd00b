from datetime import timedelta

import pytest

from doubles.operator_parts import NOON, dataset
from perennial.cluster.errors import AlreadyExistsError, NotFoundError
from perennial.cluster.events import Events


class MemoryEvents:
    """The part of the API server that keeps Events, by path."""

    def __init__(self) -> None:
        self.kept = {}
        self.writes = 0

    async def request(self, method, path, body=None, *, content_type=None):
        if method == "GET":
            return self.kept[path]
        self.writes += 1
        if method == "POST":
            place = f"{path}/{body['metadata']['name']}"
            if place in self.kept:
                raise AlreadyExistsError(place)
            self.kept[place] = dict(body)
        elif path not in self.kept:
            raise NotFoundError(path)
        else:
            self.kept[path].update(body)
        return {}

    def only(self):
        (event,) = self.kept.values()
        return event


@pytest.fixture
def server():
    return MemoryEvents()


@pytest.fixture
def clock():
    return [NOON]


@pytest.fixture
def events(server, clock):
    return Events(server, lambda: clock[0])


ABOUT = dataset() | {"metadata": {"name": "flights", "namespace": "delays", "uid": "u1"}}


async def test_a_finding_becomes_one_event_about_its_object(events, server):
    await events.post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    event = server.only()
    assert event["involvedObject"]["uid"] == "u1"
    assert (event["reason"], event["message"], event["count"]) == ("SnapshotTaken", "100 rows", 1)
    assert event["metadata"]["name"].startswith("flights.")


async def test_the_same_finding_within_a_minute_costs_nothing_and_is_counted_later(
    events, server, clock
):
    await events.post(ABOUT, "Warning", "QuotaExceeded", "no room")
    await events.post(ABOUT, "Warning", "QuotaExceeded", "no room")
    assert server.writes == 1
    clock[0] += timedelta(minutes=2)
    await events.post(ABOUT, "Warning", "QuotaExceeded", "no room")
    assert server.only()["count"] == 3


async def test_a_restarted_operator_continues_the_count(events, server, clock):
    await events.post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    await Events(server, lambda: clock[0]).post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    assert server.only()["count"] == 2


async def test_an_expired_event_is_posted_again(events, server, clock):
    await events.post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    server.kept.clear()
    clock[0] += timedelta(hours=2)
    await events.post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    assert server.only()["count"] == 1


async def test_different_findings_are_different_events(events, server):
    await events.post(ABOUT, "Normal", "SnapshotTaken", "100 rows")
    await events.post(ABOUT, "Normal", "SnapshotTaken", "200 rows")
    assert len(server.kept) == 2


async def test_a_long_message_is_cut_to_the_limit_of_an_event(events, server):
    await events.post(ABOUT, "Normal", "SnapshotTaken", "x" * 5000)
    assert len(server.only()["message"]) == 1024
