from perennial_serving.counters.ring import Ring, row_records
from perennial_serving.counters.shared_memory import SharedMemory, Word


def test_rows_of_many_inputs_are_counted_sooner():
    assert [row_records(inputs) for inputs in (1, 32, 256, 5000)] == [2048, 2048, 256, 64]


def test_records_are_held_in_their_order():
    ring = Ring(SharedMemory.create(), 4096, 3, Word.REQUESTS, 2)
    ring.append([(1, 2, 0.5)])
    ring.append([(3, 4, 0.25)])
    assert ring.room == 0
    assert ring.pending.tolist() == [[1, 2, 0.5], [3, 4, 0.25]]


def test_a_successor_finds_what_was_acknowledged_and_not_counted():
    memory = SharedMemory.create()
    before = Ring(memory, 4096, 1, Word.LABELS, 4)
    before.append([(5.0,), (6.0,)])
    after = Ring(memory, 4096, 1, Word.LABELS, 4)
    after.fill.recover(counted=0)
    assert after.pending.tolist() == [[5.0], [6.0]]
    after.fill.records = 0
    after.append([(7.0,)])
    assert after.pending.tolist() == [[7.0]]
    assert memory.words[Word.LABELS] == 3
