from perennial_serving.counters.shared import Shared


def test_a_pod_is_ready_when_every_worker_is():
    shared = Shared.create(2)
    shared.memories[0].ready = True
    assert not shared.ready
    shared.memories[1].ready = True
    assert shared.ready
