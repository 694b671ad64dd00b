import gc
from collections.abc import Iterator

import pytest

from perennial_serving.process.gc_freeze import gc_frozen


@pytest.fixture(autouse=True)
def nothing_stays_after_the_test() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_made_meanwhile_is_looked_at_by_no_collection():
    with gc_frozen():
        assert not gc.isenabled()
        made = [[] for _ in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > len(made)
    assert all(one is not made[0] for one in gc.get_objects())


def test_garbage_is_collected_again_after_a_failure():
    with pytest.raises(ValueError, match="a bad setting"), gc_frozen():
        raise ValueError("a bad setting")
    assert gc.isenabled()
