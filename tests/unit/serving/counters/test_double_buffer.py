from builders.counting import layout_of
from perennial_serving.counters.double_buffer import DoubleBuffer, Totals, summed
from perennial_serving.counters.shared_memory import SharedMemory


def test_what_is_not_committed_does_not_count():
    buffer = DoubleBuffer(layout_of(), SharedMemory.create())
    buffer.spare.counts[3] = 7
    assert buffer.read().counts[3] == 0
    buffer.commit()
    assert buffer.read().counts[3] == 7


def test_what_was_read_stays_as_it_was():
    buffer = DoubleBuffer(layout_of(), SharedMemory.create())
    before = buffer.read()
    buffer.current.counts[3] = 7
    assert before.counts[3] == 0


def test_workers_are_added_up():
    parts = [Totals.empty(layout_of()) for _ in range(3)]
    for totals in parts:
        totals.counts[1] += 2
        totals.sums[1] += 0.5
    assert (summed(parts).counts[1], summed(parts).sums[1]) == (6, 1.5)
