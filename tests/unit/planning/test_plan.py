from datetime import timedelta

from perennial.planning.plan import soonest

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_the_shortest_wait_decides():
    assert soonest(MINUTE, SECOND) == SECOND


def test_no_wait_at_all_waits_for_events():
    assert soonest(None, MINUTE) == MINUTE
    assert soonest(None, None) is None
